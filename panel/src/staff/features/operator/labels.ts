import { type TextId, t } from "../../../shared/i18n/text";
import type { Key } from "./keys";

const labels: Record<Key, TextId> = {
  callNext: "do.call-next",
  recall: "do.recall",
  start: "do.start",
  finish: "do.finish",
  finishNext: "do.finish-next",
  noShow: "do.no-show",
  park: "do.park",
  transfer: "do.transfer",
  refuse: "do.refuse",
  return: "do.return",
  revoke: "do.revoke",
  break: "bar.break",
  leave: "bar.leave",
  help: "bar.help",
  more: "do.more",
};

export function keyLabel(act: Key): string {
  return t(labels[act]);
}

/** The words of the undo bar for a kind of step, as the server names it. */
export function undoLabel(kind: string, number: string): string {
  const name = kind.toLowerCase();
  const known: [RegExp, TextId][] = [
    [/no.?show/, "undo.no-show"],
    [/unpark/, "undo.other"],
    [/park/, "undo.park"],
    [/return|reactivat/, "undo.return"],
    [/transfer/, "undo.transfer"],
    [/start/, "undo.start"],
    [/complete|finish/, "undo.complete"],
    [/refuse/, "undo.refuse"],
    [/call/, "undo.call"],
    [/pause/, "undo.pause"],
    [/close/, "undo.close"],
  ];
  const id = known.find(([pattern]) => pattern.test(name))?.[1] ?? "undo.other";
  return t(id, { number });
}
