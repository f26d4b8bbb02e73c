import { Button } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { ask } from "../../../shared/http";
import { language, t } from "../../../shared/i18n/text";
import { clock } from "../../live/client";
import { session } from "../../session/session";
import { Failure } from "../../ui/failure";
import { problemText } from "../../ui/problem";
import { SvgPicture } from "../../ui/svg-picture";
import { type QrSignIn, type QrState, watchQr } from "./qr";

// A page left open does not ask for new codes all night.
const mostRenewals = 20;

type View = { kind: "loading" } | { kind: "shown"; code: QrSignIn } | { kind: "stopped" };

/** Shows a code for a phone that is signed in already. The code changes by itself, so nobody has to hurry. */
export function QrPanel() {
  const [view, setView] = useState<View>({ kind: "loading" });
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState({ serial: 0, left: mostRenewals });

  const start = useCallback(async (isHere: () => boolean) => {
    const answer = await ask<QrSignIn>("/auth/qr", { method: "POST", language: language() });
    if (!isHere()) return;
    if (answer.ok === true) {
      setError(null);
      setView({ kind: "shown", code: answer.body });
    } else {
      setError(problemText(answer.ok === false ? answer.problem : null));
      setView({ kind: "stopped" });
    }
  }, []);

  useEffect(() => {
    let isHere = true;
    void start(() => isHere);
    return () => {
      isHere = false;
    };
  }, [attempt, start]);

  const code = view.kind === "shown" ? view.code : null;
  useEffect(() => {
    if (!code) return;
    const follow = (state: QrState) => {
      if (state === "confirmed") {
        const taken = session.enterBy(`/auth/qr/${encodeURIComponent(code.id)}/take`, {
          secret: code.secret,
        });
        void taken.then(result => {
          if (result.ok === true) return;
          setError(problemText(result.ok === false ? result.problem : null));
          setView({ kind: "stopped" });
        });
      } else if (state === "expired" && attempt.left > 0 && isTimeOver(code)) {
        setAttempt({ serial: attempt.serial + 1, left: attempt.left - 1 });
      } else if (state !== "waiting") {
        setView({ kind: "stopped" });
      }
    };
    return watchQr(code, follow);
  }, [code, attempt]);

  return (
    <div className="card qr">
      <p>{t("qr.lead")}</p>
      <ol>
        <li>{t("qr.step-open")}</li>
        <li>{t("qr.step-scan")}</li>
        <li>{t("qr.step-confirm")}</li>
      </ol>
      {code && <SvgPicture svg={code.svg} label={t("qr.picture")} />}
      {view.kind === "loading" && <div className="qr-place" />}
      <Failure text={error} />
      {code && <p className="dim">{t("qr.renews")}</p>}
      {view.kind === "stopped" && (
        <Button size="md" onClick={() => setAttempt({ serial: attempt.serial + 1, left: mostRenewals })}>
          {t("qr.show-again")}
        </Button>
      )}
    </div>
  );
}

// A code that is gone before its time was ended by the server; asking at once for another would only hammer it.
function isTimeOver(code: QrSignIn): boolean {
  return clock.now() > Date.parse(code.expiresAt) - 5000;
}
