import { Button } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { language, type TextId, t } from "../../../shared/i18n/text";
import { clockTime } from "../../../shared/time";
import { Gate } from "../../session/gate";
import { session } from "../../session/session";
import { Failure } from "../../ui/failure";
import { problemText } from "../../ui/problem";
import { useSending } from "../../ui/sending";
import { DoorPage } from "./door";

interface Asking {
  label: string;
  askedAt: string;
}

const late: Record<string, TextId> = { NOT_FOUND: "confirm.late", QR_ENDED: "confirm.late" };

type Load = { kind: "loading" } | { kind: "asking"; asking: Asking } | { kind: "gone"; why: string };

/** On the phone that is signed in: says whether the screen that shows the code may come in. */
export function ConfirmPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const code = useCode(id);
  return (
    <Gate>
      <Confirm id={id} code={code} />
    </Gate>
  );
}

function Confirm({ id, code }: { id: string; code: string }) {
  const door = `/auth/qr/${encodeURIComponent(id)}`;
  const [load, setLoad] = useState<Load>({ kind: "loading" });
  const [answered, setAnswered] = useState<"confirm" | "refuse" | null>(null);
  const { error, busy, send } = useSending(late);

  useEffect(() => {
    let isHere = true;
    void session.ask<Asking>(door).then(answer => {
      if (!isHere) return;
      if (answer.ok === true) setLoad({ kind: "asking", asking: answer.body });
      else
        setLoad({
          kind: "gone",
          why: problemText(answer.ok === false ? answer.problem : null, late),
        });
    });
    return () => {
      isHere = false;
    };
  }, [door]);

  const say = async (word: "confirm" | "refuse") => {
    const answer = await send(session.ask(`${door}/${word}`, { method: "POST", body: { code } }));
    if (answer.ok === true) {
      setAnswered(word);
      forgetCode(id);
    }
  };

  return (
    <DoorPage title={t("confirm.title")}>
      {load.kind === "gone" && (
        <div className="card">
          <p>{load.why}</p>
        </div>
      )}
      {load.kind === "asking" && answered && (
        <div className="card" role="status">
          <p>{t(answered === "confirm" ? "confirm.done" : "confirm.refused")}</p>
        </div>
      )}
      {load.kind === "asking" && !answered && (
        <div className="card">
          <p>
            {t("confirm.text", {
              label: load.asking.label || t("confirm.unknown"),
              time: clockTime(load.asking.askedAt, language()),
            })}
          </p>
          <p className="dim">{t("confirm.warning")}</p>
          <Failure text={error} />
          <Button size="lg" fullWidth loading={busy} onClick={() => void say("confirm")}>
            {t("confirm.yes")}
          </Button>
          <Button size="lg" fullWidth variant="default" disabled={busy} onClick={() => void say("refuse")}>
            {t("confirm.no")}
          </Button>
        </div>
      )}
    </DoorPage>
  );
}

const keyOf = (id: string) => `talon.qr.${id}`;

// The code outlives a sign-in on the way, but never stands in an address a server could see.
function useCode(id: string): string {
  const [code] = useState(() => {
    const fresh = location.hash.slice(1);
    if (fresh) sessionStorage.setItem(keyOf(id), fresh);
    return fresh || (sessionStorage.getItem(keyOf(id)) ?? "");
  });
  useEffect(() => {
    if (location.hash) history.replaceState(null, "", location.pathname);
  }, []);
  return code;
}

function forgetCode(id: string): void {
  sessionStorage.removeItem(keyOf(id));
}
