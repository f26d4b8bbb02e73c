import { Button } from "@mantine/core";
import { useState } from "react";
import { language, t } from "../../../shared/i18n/text";
import { dayAndTime } from "../../../shared/time";
import { session } from "../../session/session";
import { Failure } from "../../ui/failure";
import { useFetched } from "../../ui/fetched";
import { FormDialog } from "../../ui/form-dialog";
import { useSending } from "../../ui/sending";
import { Part } from "./part";

interface SessionLine {
  id: string;
  current: boolean;
  label: string;
  startedAt: string;
  lastUsedAt: string;
}

/** Where one is signed in, and the way to end it there. */
export function SessionsCard({ hasPassword = true }: { hasPassword?: boolean }) {
  const [state, again] = useFetched<{ sessions: SessionLine[] }>("/auth/sessions");
  const [asking, setAsking] = useState(false);
  const { error, busy, send } = useSending();

  const end = async (line: SessionLine) => {
    await send(session.ask(`/auth/sessions/${encodeURIComponent(line.id)}/revoke`, { method: "POST" }));
    again();
  };
  const endAll = async () => {
    setAsking(false);
    const answer = await send(session.ask("/auth/logout-everywhere", { method: "POST" }));
    if (answer.ok === true) session.ended();
  };
  return (
    <Part
      title={t("sessions.title")}
      lead={t(hasPassword ? "sessions.lead" : "sessions.lead-customer")}
      state={state}
      again={again}
    >
      {({ sessions }) => (
        <>
          <ul className="lines">
            {sessions.map(line => (
              <li key={line.id}>
                <div>
                  <b>{line.label || t("sessions.unknown")}</b>
                  {line.current && <span className="tag">{t("sessions.this")}</span>}
                  <p className="dim">
                    {t("sessions.times", {
                      started: dayAndTime(line.startedAt, language()),
                      used: dayAndTime(line.lastUsedAt, language()),
                    })}
                  </p>
                </div>
                {!line.current && (
                  <Button variant="subtle" color="red" disabled={busy} onClick={() => void end(line)}>
                    {t("sessions.end")}
                    <span className="hidden-text"> {line.label}</span>
                  </Button>
                )}
              </li>
            ))}
          </ul>
          <Failure text={error} />
          <div className="row">
            <Button variant="default" onClick={() => setAsking(true)}>
              {t("sessions.end-all")}
            </Button>
          </div>
          {asking && (
            <FormDialog
              title={t("sessions.end-all-title")}
              confirm={t("sessions.end-all")}
              onConfirm={() => void endAll()}
              onClose={() => setAsking(false)}
            >
              <p>{t("sessions.end-all-text")}</p>
            </FormDialog>
          )}
        </>
      )}
    </Part>
  );
}
