import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { homeOf } from "../../../shared/homes";
import { ask } from "../../../shared/http";
import { language, type TextId, t } from "../../../shared/i18n/text";
import { paths } from "../../paths";
import { session, useSession } from "../../session/session";
import { Failure } from "../../ui/failure";
import { NewPassword } from "../../ui/new-password";
import { useSending } from "../../ui/sending";
import { DoorPage } from "./door";
import { SecondStep } from "./password-form";

const ofLinks: Record<string, TextId> = {
  WRONG_DETAILS: "problem.link-used",
  NOT_FOUND: "problem.link-used",
};

// The token stands after «#», so it never reaches a server's log; and it does not stay in the address bar. A link
// pasted into a page that is open already changes no more than this part.
function useToken(): string {
  const [token, setToken] = useState(() => decodeURIComponent(location.hash.slice(1)));
  useEffect(() => {
    const read = () => {
      if (location.hash.length < 2) return;
      setToken(decodeURIComponent(location.hash.slice(1)));
      history.replaceState(null, "", location.pathname);
    };
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, []);
  return token;
}

/** Asks for a letter with a link, and, opened by that link, for a new password. */
export function RecoverPage() {
  const token = useToken();
  return (
    <DoorPage title={t("recover.title")}>{token ? <RecoverByLink token={token} /> : <AskForLink />}</DoorPage>
  );
}

function AskForLink() {
  const { error, busy, send } = useSending();
  const [email, setEmail] = useState("");
  const [sent, setSent] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { email: email.trim() };
    const answer = await send(ask("/auth/recovery", { method: "POST", body, language: language() }));
    setSent(answer.ok === true);
  };
  if (sent) {
    return (
      <div className="card" role="status">
        <h2>{t("recover.sent-title")}</h2>
        <p>{t("recover.sent", { email: email.trim() })}</p>
        <p className="dim">{t("recover.sent-hint")}</p>
        <Button variant="default" onClick={() => setSent(false)}>
          {t("recover.again")}
        </Button>
      </div>
    );
  }
  return (
    <form className="card" onSubmit={event => void submit(event)}>
      <p>{t("recover.lead")}</p>
      <TextInput
        type="email"
        autoComplete="username"
        label={t("login.email")}
        size="md"
        value={email}
        onChange={event => setEmail(event.currentTarget.value)}
        required
        autoFocus
      />
      <Failure text={error} />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {t("recover.send")}
      </Button>
      <a href={paths.login}>{t("recover.back")}</a>
    </form>
  );
}

function RecoverByLink({ token }: { token: string }) {
  const { error, busy, send } = useSending(ofLinks);
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { token, password };
    const answer = await send(ask("/auth/recovery/complete", { method: "POST", body, language: language() }));
    setDone(answer.ok === true);
  };
  if (done) {
    return (
      <div className="card" role="status">
        <h2>{t("recover.done-title")}</h2>
        <p>{t("recover.done")}</p>
        <Button component="a" href={paths.login} size="md">
          {t("login.sign-in")}
        </Button>
      </div>
    );
  }
  return (
    <form className="card" onSubmit={event => void submit(event)}>
      <p>{t("recover.new-lead")}</p>
      <NewPassword value={password} onChange={setPassword} />
      <Failure text={error} />
      <Button type="submit" size="md" fullWidth loading={busy}>
        {t("recover.save")}
      </Button>
      <a href={paths.recover}>{t("recover.again")}</a>
    </form>
  );
}

/** The first sign-in of somebody an administrator has added. */
export function InvitePage() {
  const token = useToken();
  const state = useSession();
  const navigate = useNavigate();
  const { error, busy, send } = useSending(ofLinks);
  const [password, setPassword] = useState("");
  const [challenge, setChallenge] = useState<string | null>(null);
  const goHome = async () => {
    const now = session.read();
    if (now.kind === "in") await navigate({ href: homeOf(now.me), replace: true });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const result = await send(session.enterBy("/auth/invitation/complete", { token, password }));
    if (result.ok === "second-step") setChallenge(result.challenge);
    if (result.ok === true) await goHome();
  };
  // The password is set by now: back is where it is asked for.
  const toLogin = () => void navigate({ href: paths.login, replace: true });
  if (challenge) {
    return (
      <DoorPage title={t("invite.title")}>
        <SecondStep challenge={challenge} onBack={toLogin} onEntered={() => void goHome()} />
      </DoorPage>
    );
  }
  return (
    <DoorPage title={t("invite.title")}>
      {!token && (
        <div className="card">
          <p>{t("invite.no-link")}</p>
          <Button component="a" href={paths.login} size="md">
            {t("login.sign-in")}
          </Button>
        </div>
      )}
      {token && (
        <form className="card" onSubmit={event => void submit(event)}>
          <p>{t("invite.lead")}</p>
          {state.kind === "in" && <p className="dim">{t("invite.somebody-in")}</p>}
          <NewPassword value={password} onChange={setPassword} />
          <Failure text={error} />
          <Button type="submit" size="md" fullWidth loading={busy}>
            {t("invite.enter")}
          </Button>
        </form>
      )}
    </DoorPage>
  );
}
