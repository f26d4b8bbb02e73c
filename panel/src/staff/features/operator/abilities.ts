import type { TextId } from "../../../shared/i18n/text";
import type { WindowView } from "./types";

export type Act =
  | "callNext"
  | "recall"
  | "start"
  | "finish"
  | "finishNext"
  | "noShow"
  | "park"
  | "transfer"
  | "refuse"
  | "return"
  | "revoke"
  | "break"
  | "leave";

export type Ability =
  | { kind: "can" }
  | { kind: "hidden" }
  | { kind: "not-yet"; why: TextId; values?: { seconds: number } };

const can: Ability = { kind: "can" };
const hidden: Ability = { kind: "hidden" };
const maxCalls = 3;
const recallMs = 30_000;
const noShowMs = 60_000;

/** What the operator may press now, and if not, why. Mirrors the server's rules, which still decide. */
export function abilities(window: WindowView, now: number, offline: boolean): Record<Act, Ability> {
  const { ticket } = window;
  const called = window.state === "CALLING" && ticket !== null;
  const serving = window.state === "SERVING" && ticket !== null;
  const line = (ability: Ability): Ability =>
    ability.kind !== "hidden" && offline ? { kind: "not-yet", why: "why.offline" } : ability;
  const when = (holds: boolean): Ability => line(holds ? can : hidden);
  const sinceCall = called ? now - Date.parse(ticket.lastCallAt ?? ticket.calledAt ?? "") : 0;
  const sinceFirst = called ? now - Date.parse(ticket.calledAt ?? "") : 0;
  const attempts = ticket?.attempts ?? 0;
  return {
    callNext: line(
      window.state === "FREE" ? (window.next ? can : { kind: "not-yet", why: "why.nobody" }) : hidden,
    ),
    start: when(called),
    // Finishing is kept with its id while the line is down and sent first when it is back.
    finish: serving ? can : hidden,
    finishNext: when(serving),
    recall: called ? line(recall(attempts, sinceCall)) : hidden,
    noShow: called ? line(noShow(attempts, sinceFirst)) : hidden,
    park: when(called || serving),
    transfer: when(called || serving),
    refuse: when(called || serving),
    return: when(called || serving),
    revoke: when(called),
    break: when(window.state === "FREE"),
    leave: line(
      window.state === "FREE" || window.state === "PAUSED" ? can : { kind: "not-yet", why: "bar.leave-busy" },
    ),
  };
}

function recall(attempts: number, sinceCall: number): Ability {
  if (attempts >= maxCalls) return { kind: "not-yet", why: "why.calls-used" };
  return sinceCall >= recallMs ? can : waiting("why.wait-recall", recallMs - sinceCall);
}

function noShow(attempts: number, sinceFirst: number): Ability {
  if (attempts < 2) return { kind: "not-yet", why: "why.one-more-call" };
  return sinceFirst >= noShowMs ? can : waiting("why.wait-no-show", noShowMs - sinceFirst);
}

function waiting(why: TextId, ms: number): Ability {
  return { kind: "not-yet", why, values: { seconds: Math.ceil(ms / 1000) } };
}
