import { Alert, Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { language, t } from "../../../shared/i18n/text";
import { clockTimeSeconds } from "../../../shared/time";
import { useLink } from "../../live/link";
import { Message } from "../../ui/message";
import { useNow } from "../../ui/now";
import { type Act, abilities } from "./abilities";
import { useAttention } from "./attention";
import { CurrentTicket } from "./current-ticket";
import { type Dialog, noDialog } from "./dialog";
import { Dialogs } from "./dialogs/dialogs";
import { type Key, useKeys } from "./keys";
import { NextTicket } from "./next-ticket";
import { useOneTab } from "./one-tab";
import { usePreferences } from "./preferences";
import { QueuePanel } from "./queue-panel";
import { TopBar } from "./top-bar";
import type { BranchView } from "./types";
import { UndoBar } from "./undo-bar";
import { useWork } from "./work";

interface Props {
  me: { id: string; name?: string | null };
  branch: BranchView;
  code: string;
  onLeave: () => void;
}

/** The work at one window. */
export function WorkScreen({ me, branch, code, onLeave }: Props) {
  const work = useWork(branch, code);
  const { window, queue, acts } = work;
  const now = useNow();
  const link = useLink();
  const [dialog, setDialog] = useState<Dialog>(noDialog);
  const [more, setMore] = useState(false);
  const [preferences, setPreferences] = usePreferences();
  const tab = useOneTab(`window.${branch.code}.${code}`);
  const main = useRef<HTMLButtonElement>(null);
  const offline = link.kind === "offline";
  const open = dialog.kind !== "none";
  useAttention(window, queue, now, preferences.sound);

  // After each step the next one is under the finger.
  const step = `${window?.state}${window?.ticket?.id ?? ""}`;
  const focused = useRef("");
  useEffect(() => {
    if (open) focused.current = "";
    // A button that waits for its answer cannot take the focus, so it is given when the answer is in.
    if (open || work.busy || !tab.active || focused.current === step) return;
    focused.current = step;
    main.current?.focus();
  }, [step, open, work.busy, tab.active]);

  const able = window ? abilities(window, now, offline) : null;
  const press = async (key: Key) => {
    if (key === "help") return setDialog({ kind: "help" });
    if (key === "more") return setMore(true);
    if (able?.[key].kind !== "can" || !window) return;
    const { ticket } = window;
    if (key === "callNext") return void acts.callNext();
    if (key === "break" || key === "leave") return setDialog({ kind: key });
    if (!ticket) return;
    await pressOnTicket(key, ticket);
  };
  const pressOnTicket = async (
    key: Exclude<Act, "callNext" | "break" | "leave">,
    ticket: NonNullable<NonNullable<typeof window>["ticket"]>,
  ) => {
    switch (key) {
      case "recall":
        return void acts.recall(ticket.id);
      case "start":
        return void acts.start(ticket.id);
      case "finishNext": {
        const finished = await acts.finish(ticket.id, branch.outcomes[0]?.code ?? null);
        if (finished?.window?.state === "FREE") await acts.callNext();
        return;
      }
      default:
        setDialog({ kind: key, ticket });
    }
  };
  useKeys(preferences.keys && !open && tab.active, key => void press(key));

  if (!window || !able) return <Message title={t("app.loading")} />;
  if (window.operator?.id !== me.id) {
    const name = window.operator?.name ?? t("start.taken-unknown");
    const title = t("bar.taken-over", { label: window.label, name });
    return <Message title={title} action={{ label: t("start.title"), press: onLeave }} />;
  }
  return (
    <div className={preferences.compact ? "work compact" : "work"}>
      <TopBar
        me={me}
        work={work}
        window={window}
        online={!offline}
        able={able}
        onOpen={kind => setDialog({ kind })}
      />
      {link.kind === "offline" && (
        <p className="offline" role="status">
          {t("bar.offline", { time: clockTimeSeconds(link.since, language(), branch.timeZone) })}{" "}
          {work.busy && t("bar.kept")}
        </p>
      )}
      {!tab.active && (
        <Alert className="elsewhere" title={t("bar.elsewhere")}>
          {t("bar.elsewhere-hint")} <Button onClick={tab.takeHere}>{t("bar.here")}</Button>
        </Alert>
      )}
      <main inert={!tab.active}>
        <div className="left">
          {work.problem && (
            <Alert
              color="red"
              role="alert"
              withCloseButton
              closeButtonLabel={t("conflict.close")}
              onClose={work.clearProblem}
            >
              {work.problem}
            </Alert>
          )}
          <CurrentTicket
            work={work}
            window={window}
            able={able}
            now={now}
            main={main}
            more={more}
            onMore={setMore}
            press={key => void press(key)}
          />
          <UndoBar window={window} acts={acts} now={now} />
        </div>
        <div className="right">
          <NextTicket window={window} branch={branch} />
          <QueuePanel
            work={work}
            window={window}
            now={now}
            free={able.callNext.kind === "can"}
            offline={offline}
            onPick={ticket => setDialog({ kind: "pick", ticket })}
          />
        </div>
      </main>
      <p className="hidden-text" aria-live="polite">
        {work.said}
      </p>
      <Dialogs
        dialog={dialog}
        branch={branch}
        window={window}
        acts={acts}
        preferences={preferences}
        onPreferences={setPreferences}
        onClose={() => setDialog(noDialog)}
        onLeft={onLeave}
      />
    </div>
  );
}
