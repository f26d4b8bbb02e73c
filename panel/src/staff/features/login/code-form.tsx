import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "../../../shared/i18n/text";
import { stopwatch } from "../../../shared/time";
import { clock } from "../../live/client";
import { Digits } from "../../ui/digits";
import { Failure } from "../../ui/failure";
import { useNow } from "../../ui/now";
import { useSending } from "../../ui/sending";
import { askForCode, type CodeDoor, type Kind, type SentCode, signInDoor } from "./codes";

interface FormProps {
  kind: Kind;
  door?: CodeDoor;
  /** Called with the contact when its code was right. */
  onDone?: (value: string) => void;
}

/** A visitor proves a phone or an address by a code that comes to it. No password, nothing to remember. */
export function CodeForm({ kind, door = signInDoor, onDone }: FormProps) {
  const [value, setValue] = useState("");
  const [sent, setSent] = useState<{ code: SentCode; at: number } | null>(null);
  const sending = useSending({ MALFORMED: kind === "phone" ? "code.bad-phone" : "code.bad-email" });
  const request = async () => {
    const answer = await sending.send(askForCode(door, kind, value.trim()));
    if (answer.ok === true) setSent({ code: answer.body, at: clock.now() });
  };
  if (sent) {
    return (
      <EnterCode
        key={sent.code.challenge}
        kind={kind}
        door={door}
        value={value.trim()}
        sent={sent.code}
        at={sent.at}
        again={{ ask: () => void request(), busy: sending.busy, error: sending.error }}
        onBack={() => setSent(null)}
        onDone={onDone}
      />
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void request();
  };
  return (
    <form className="card" onSubmit={submit}>
      <TextInput
        key={kind}
        type={kind === "phone" ? "tel" : "email"}
        autoComplete={kind === "phone" ? "tel" : "email"}
        label={t(kind === "phone" ? "code.phone" : "code.email")}
        description={t(kind === "phone" ? "code.phone-hint" : "code.email-hint")}
        placeholder={kind === "phone" ? "+7 900 000-00-00" : undefined}
        size="lg"
        value={value}
        onChange={event => setValue(event.currentTarget.value)}
        required
        autoFocus
      />
      <Failure text={sending.error} />
      <Button type="submit" size="lg" fullWidth loading={sending.busy} disabled={!value.trim()}>
        {t("code.get")}
      </Button>
      {sending.busy && (
        <p className="dim" role="status">
          {t("code.getting")}
        </p>
      )}
    </form>
  );
}

interface EnterProps extends Required<Omit<FormProps, "onDone">> {
  onDone: FormProps["onDone"];
  value: string;
  sent: SentCode;
  at: number;
  again: { ask: () => void; busy: boolean; error: string | null };
  onBack: () => void;
}

function EnterCode({ kind, door, value, sent, at, again, onBack, onDone }: EnterProps) {
  const { error, busy, send } = useSending({
    WRONG_DETAILS: "code.wrong",
    WRONG_CODE: "code.wrong",
    CHALLENGE_ENDED: "code.late",
  });
  const [code, setCode] = useState("");
  const now = useNow();
  const waitMs = at + sent.resendAfterS * 1000 - now;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const result = await send(door.show({ challenge: sent.challenge, code }));
    if (result.ok === true) onDone?.(value);
    else setCode("");
  };
  return (
    <form className="card" onSubmit={event => void submit(event)}>
      <p role="status">{t(kind === "phone" ? "code.sent-phone" : "code.sent-email", { value })}</p>
      <Digits label={t("code.label")} value={code} onChange={setCode} />
      <Failure text={error ?? again.error} />
      <Button type="submit" size="lg" fullWidth loading={busy} disabled={code.length !== 6}>
        {t(door.button)}
      </Button>
      <p className="dim">{t("code.calm")}</p>
      <div className="row">
        <Button variant="subtle" loading={again.busy} disabled={waitMs > 0} onClick={again.ask}>
          {waitMs > 0 ? t("code.again-in", { time: stopwatch(waitMs) }) : t("code.again")}
        </Button>
        <Button variant="subtle" onClick={onBack}>
          {t(kind === "phone" ? "code.other-phone" : "code.other-email")}
        </Button>
      </div>
    </form>
  );
}
