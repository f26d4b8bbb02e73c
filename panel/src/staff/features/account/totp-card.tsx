import { Button } from "@mantine/core";
import { useState } from "react";
import { t } from "../../../shared/i18n/text";
import { session } from "../../session/session";
import { useFetched } from "../../ui/fetched";
import { useSending } from "../../ui/sending";
import { Part } from "./part";
import { PasswordDialog } from "./password-dialog";
import { RecoveryCodes, TotpSetUp } from "./totp-set-up";

interface Totp {
  enabled: boolean;
  required: boolean;
  recoveryCodesLeft: number;
}

export interface TotpStart {
  secret: string;
  uri: string;
  qr: string;
}

type Step =
  | { kind: "rest" }
  | { kind: "password" }
  | { kind: "scan"; start: TotpStart }
  | { kind: "codes"; codes: string[] }
  | { kind: "remove" };

const fewCodes = 3;

/** The second step at sign-in: switched on with a code of an app, off with the password and a code. */
export function TotpCard({ onChanged }: { onChanged: () => void }) {
  const [state, again] = useFetched<Totp>("/auth/totp");
  const [step, setStep] = useState<Step>({ kind: "rest" });
  const { error, busy, send } = useSending();

  const begin = async (password: string) => {
    const answer = await send(
      session.ask<TotpStart>("/auth/totp/begin", { method: "POST", body: { password } }),
    );
    if (answer.ok === true) setStep({ kind: "scan", start: answer.body });
  };
  const confirm = async (code: string) => {
    const answer = await send(
      session.ask<{ recoveryCodes: string[] }>("/auth/totp/confirm", { method: "POST", body: { code } }),
    );
    if (answer.ok === true) {
      setStep({ kind: "codes", codes: answer.body.recoveryCodes });
      onChanged();
    }
    again();
  };
  const remove = async (password: string, code: string) => {
    const answer = await send(session.ask("/auth/totp/remove", { method: "POST", body: { password, code } }));
    if (answer.ok === true) setStep({ kind: "rest" });
    again();
  };
  return (
    <Part title={t("totp.title")} lead={t("totp.lead")} state={state} again={again}>
      {totp => (
        <>
          <p>
            <span className={totp.enabled ? "tag" : "tag off"}>
              {t(totp.enabled ? "totp.on" : "totp.off")}
            </span>
            {totp.enabled && t("totp.left", { count: totp.recoveryCodesLeft })}
          </p>
          {totp.enabled && totp.recoveryCodesLeft < fewCodes && (
            <p>{t(totp.required ? "totp.few-required" : "totp.few")}</p>
          )}
          {step.kind === "scan" && (
            <TotpSetUp start={step.start} busy={busy} error={error} onCode={code => void confirm(code)} />
          )}
          {step.kind === "codes" && (
            <RecoveryCodes codes={step.codes} onDone={() => setStep({ kind: "rest" })} />
          )}
          {totp.enabled && totp.required && <p className="dim">{t("totp.required")}</p>}
          {!(totp.enabled && totp.required) && step.kind !== "scan" && step.kind !== "codes" && (
            <div className="row">
              <Button
                variant={totp.enabled ? "default" : "filled"}
                onClick={() => setStep({ kind: totp.enabled ? "remove" : "password" })}
              >
                {t(totp.enabled ? "totp.switch-off" : "totp.switch-on")}
              </Button>
            </div>
          )}
          {step.kind === "password" && (
            <PasswordDialog
              title={t("totp.switch-on")}
              confirm={t("totp.next")}
              error={error}
              busy={busy}
              onPassword={password => void begin(password)}
              onClose={() => setStep({ kind: "rest" })}
            />
          )}
          {step.kind === "remove" && (
            <PasswordDialog
              title={t("totp.switch-off")}
              confirm={t("totp.switch-off")}
              withCode
              error={error}
              busy={busy}
              onPassword={(password, code) => void remove(password, code)}
              onClose={() => setStep({ kind: "rest" })}
            />
          )}
        </>
      )}
    </Part>
  );
}
