import { useState } from "react";
import * as ask from "../../../shared/gql/generated/operator";
import { language, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import { command, type Outcome, type Refusal } from "../../live/command";
import { useQueueFeed, useWindowFeed } from "./feeds";

import type { QueueView } from "./queue";
import type { BranchView, TicketView, WindowView } from "./types";

interface Payload {
  window?: WindowView | null;
  ticket?: TicketView | null;
  position?: string | null;
  refusal?: Refusal | null;
}

type Placement = "ORIGINAL" | "FRONT" | "AFTER_N" | "TAIL";
export type Pool = "WINDOW" | "OPERATOR" | "BRANCH";

/** One operator's shift at one window: what is seen and what can be asked of the server. */
export interface Work {
  branch: BranchView;
  code: string;
  window: WindowView | null;
  queue: QueueView | null;
  /** The last refusal in words, until it is read. */
  problem: string | null;
  clearProblem: () => void;
  /** The last step in words, for the live region. */
  said: string;
  busy: boolean;
  acts: Acts;
}

export type Acts = ReturnType<typeof makeActs>;

// A finish is never lost to a broken line: it is repeated with its id for as long as a visit may last.
const finishPatienceMs = 600_000;

export function useWork(branch: BranchView, code: string): Work {
  const { window, answered } = useWindowFeed(branch.code, code);
  const queue = useQueueFeed(branch.code);
  const [problem, setProblem] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const [sending, setSending] = useState(0);

  const run = async (sent: Promise<Outcome<Payload>>): Promise<Payload | null> => {
    setProblem(null);
    setSending(count => count + 1);
    const outcome = await sent;
    setSending(count => count - 1);
    switch (outcome.kind) {
      case "done":
        answered(outcome.payload.window, outcome.payload.position);
        return outcome.payload;
      case "refused":
        setProblem(outcome.refusal.message || outcome.refusal.code);
        return null;
      case "unreachable":
        setProblem(t("conflict.unreachable"));
        return null;
    }
  };
  const acts = makeActs({ branch: branch.code, window: code }, run, setSaid);
  return {
    branch,
    code,
    window,
    queue,
    problem,
    clearProblem: () => setProblem(null),
    said,
    busy: sending > 0,
    acts,
  };
}

interface Destination {
  toService: string | null;
  toWindow: string | null;
  toOperator: string | null;
}

interface Place {
  branch: string;
  window: string;
}

function makeActs(
  { branch, window }: Place,
  run: (sent: Promise<Outcome<Payload>>) => Promise<Payload | null>,
  say: (text: string) => void,
) {
  const tell = (payload: Payload | null, id: "said.called" | "said.serving" | "said.free") => {
    const { ticket } = payload ?? {};
    if (!payload) return null;
    const number = ticket ? shownNumber(ticket.number, language()) : "";
    say(t(id, { number, window: ticket?.windowLabel ?? payload.window?.label ?? "" }));
    return payload;
  };
  return {
    callNext: async () => tell(await run(command(ask.CallNextDocument, { branch, window })), "said.called"),
    pick: async (ticketId: string, reasonCode: string | null) =>
      tell(
        await run(command(ask.CallTicketDocument, { branch, window, ticketId, reasonCode })),
        "said.called",
      ),
    recall: async (ticketId: string) =>
      tell(await run(command(ask.RecallTicketDocument, { branch, ticketId })), "said.called"),
    revoke: async (ticketId: string) =>
      tell(await run(command(ask.RevokeCallDocument, { branch, ticketId })), "said.free"),
    start: async (ticketId: string) =>
      tell(await run(command(ask.StartServiceDocument, { branch, ticketId })), "said.serving"),
    finish: async (ticketId: string, outcomeCode: string | null) =>
      tell(
        await run(
          command(
            ask.CompleteServiceDocument,
            { branch, ticketId, outcomeCode },
            { patienceMs: finishPatienceMs },
          ),
        ),
        "said.free",
      ),
    noShow: async (ticketId: string) =>
      tell(await run(command(ask.MarkNoShowDocument, { branch, ticketId })), "said.free"),
    park: async (ticketId: string, reasonCode: string, pool: Pool, minutes: number | null) =>
      tell(
        await run(command(ask.ParkTicketDocument, { branch, ticketId, reasonCode, pool, minutes })),
        "said.free",
      ),
    transfer: async (ticketId: string, to: Destination) =>
      tell(await run(command(ask.TransferTicketDocument, { branch, ticketId, ...to })), "said.free"),
    giveBack: async (ticketId: string, placement: Placement) => {
      const n = placement === "AFTER_N" ? 3 : null;
      return tell(
        await run(command(ask.ReturnTicketDocument, { branch, ticketId, placement, n })),
        "said.free",
      );
    },
    refuse: async (ticketId: string, reasonCode: string) =>
      tell(await run(command(ask.RefuseServiceDocument, { branch, ticketId, reasonCode })), "said.free"),
    addService: (ticketId: string, service: string) =>
      run(command(ask.AddServiceDocument, { branch, ticketId, service })),
    switchService: (ticketId: string, service: string) =>
      run(command(ask.SwitchServiceDocument, { branch, ticketId, service })),
    note: (ticketId: string, text: string) => run(command(ask.AddNoteDocument, { branch, ticketId, text })),
    unpark: (ticketId: string) => run(command(ask.UnparkTicketDocument, { branch, ticketId })),
    reactivate: (ticketId: string) =>
      run(command(ask.ReactivateTicketDocument, { branch, ticketId, placement: "ORIGINAL" })),
    undo: (eventId: string) => run(command(ask.UndoActionDocument, { branch, eventId })),
    pause: (reason: string, minutes: number | null) =>
      run(command(ask.PauseWindowDocument, { branch, window, reason, minutes })),
    resume: () => run(command(ask.ResumeWindowDocument, { branch, window })),
    setServices: (services: string[]) =>
      run(command(ask.SetWindowServicesDocument, { branch, window, services })),
    leave: () => run(command(ask.CloseWindowDocument, { branch, window })),
  };
}
