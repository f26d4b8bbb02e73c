import { Button, Checkbox } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "../../../shared/i18n/text";
import { Secret } from "../../ui/copy";
import { Digits } from "../../ui/digits";
import { Failure } from "../../ui/failure";
import { SvgPicture } from "../../ui/svg-picture";
import type { TotpStart } from "./totp-card";

interface Props {
  start: TotpStart;
  busy: boolean;
  error: string | null;
  onCode: (code: string) => void;
}

/** Brings the secret into the app, and asks for a code to see that it arrived. */
export function TotpSetUp({ start, busy, error, onCode }: Props) {
  const [code, setCode] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCode(code);
    setCode("");
  };
  return (
    <form className="form" onSubmit={submit}>
      <p>{t("totp.scan")}</p>
      <SvgPicture svg={start.qr} label={t("totp.picture")} />
      <Secret label={t("totp.secret")} text={start.secret} />
      <Digits label={t("totp.code")} value={code} onChange={setCode} />
      <Failure text={error} />
      <div className="row">
        <Button type="submit" loading={busy} disabled={code.length !== 6}>
          {t("totp.confirm")}
        </Button>
      </div>
    </form>
  );
}

/** The way in for the day the phone is lost; shown once, so leaving asks whether they are kept. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const [kept, setKept] = useState(false);
  return (
    <div className="form" role="status">
      <p>{t("totp.codes")}</p>
      <ol className="codes">
        {codes.map(code => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <Secret label={t("totp.codes-copy")} text={codes.join(" ")} />
      <Checkbox
        label={t("totp.codes-kept")}
        checked={kept}
        onChange={event => setKept(event.currentTarget.checked)}
      />
      <div className="row">
        <Button disabled={!kept} onClick={onDone}>
          {t("totp.done")}
        </Button>
      </div>
    </div>
  );
}
