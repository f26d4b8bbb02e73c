import { useEffect, useRef } from "react";
import { language, t } from "../../../shared/i18n/text";
import { shownNumber } from "../../../shared/number";
import { stopwatch } from "../../../shared/time";
import { inState, type QueueView } from "./queue";
import type { WindowView } from "./types";

/** The tab's title carries the ticket and its time; a chime tells of the first visitor, if asked for. */
export function useAttention(
  window: WindowView | null,
  queue: QueueView | null,
  now: number,
  sound: boolean,
): void {
  const ticket = window?.ticket;
  const since = ticket ? (ticket.startedAt ?? ticket.calledAt) : null;
  const title =
    ticket && since
      ? `● ${stopwatch(now - Date.parse(since))} ${shownNumber(ticket.number, language())}`
      : t("operator.title");
  useEffect(() => {
    document.title = title;
  }, [title]);

  const waiting = inState(queue, "WAITING").length;
  const before = useRef(waiting);
  useEffect(() => {
    if (sound && before.current === 0 && waiting > 0)
      void new Audio("/voice/ru/chime.ogg").play().catch(() => {});
    before.current = waiting;
  }, [waiting, sound]);
}
