import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "../../../shared/i18n/text";
import { paths } from "../../paths";
import { session } from "../../session/session";
import { Digits } from "../../ui/digits";
import { Failure } from "../../ui/failure";
import { useSending } from "../../ui/sending";

/** E-mail and password; then, for those who set it up, the code of their app. */
export function PasswordForm() {
  const { error, busy, send } = useSending();
  const [challenge, setChallenge] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { email: String(form.get("email")).trim(), password: String(form.get("password")) };
    const result = await send(session.enterBy("/auth/login", body));
    if (result.ok === "second-step") setChallenge(result.challenge);
  };
  if (challenge) return <SecondStep challenge={challenge} onBack={() => setChallenge(null)} />;
  return (
    <form className="card" onSubmit={event => void submit(event)}>
      <TextInput
        name="email"
        type="email"
        autoComplete="username"
        label={t("login.email")}
        size="md"
        required
        autoFocus
      />
      <PasswordInput
        name="password"
        autoComplete="current-password"
        label={t("login.password")}
        size="md"
        visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
        required
      />
      <Failure text={error} />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {t("login.sign-in")}
      </Button>
      <a href={paths.recover}>{t("login.forgot")}</a>
    </form>
  );
}

interface SecondStepProps {
  challenge: string;
  onBack: () => void;
  /** For a page that does not leave by itself when somebody is in. */
  onEntered?: () => void;
}

/** The code of the app, or one kept for the day it is lost, after a password that was right. */
export function SecondStep({ challenge, onBack, onEntered }: SecondStepProps) {
  const { error, busy, send, fail } = useSending({
    WRONG_DETAILS: "login.totp-wrong",
    WRONG_CODE: "login.totp-wrong",
    CHALLENGE_ENDED: "login.totp-late",
  });
  const [code, setCode] = useState("");
  const [lost, setLost] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const result = await send(session.enterBy("/auth/login/totp", { challenge, code: code.trim() }));
    if (result.ok === true) onEntered?.();
    else setCode("");
  };
  const change = () => {
    setLost(!lost);
    setCode("");
    fail(null);
  };
  const enough = lost ? code.trim().length > 0 : code.length === 6;
  return (
    <form className="card" onSubmit={event => void submit(event)}>
      <h2>{t("login.totp-title")}</h2>
      {lost ? (
        <TextInput
          label={t("login.recovery-code")}
          description={t("login.recovery-code-hint")}
          autoComplete="off"
          size="md"
          value={code}
          onChange={event => setCode(event.currentTarget.value)}
          autoFocus
          required
        />
      ) : (
        <Digits label={t("login.totp-code")} hint={t("login.totp-hint")} value={code} onChange={setCode} />
      )}
      <Failure text={error} />
      <Button type="submit" size="md" fullWidth loading={busy} disabled={!enough}>
        {t("login.sign-in")}
      </Button>
      <div className="row">
        <Button variant="subtle" onClick={change}>
          {t(lost ? "login.totp-use-app" : "login.totp-lost")}
        </Button>
        <Button variant="subtle" onClick={onBack}>
          {t("app.back")}
        </Button>
      </div>
    </form>
  );
}
