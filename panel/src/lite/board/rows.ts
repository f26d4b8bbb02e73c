import type { Board, BoardRow } from "../board-feed";

export interface ShownRow extends BoardRow {
  /** Called moments ago: yellow, with the word «вызов». */
  fresh: boolean;
  /** Still in the first seconds, when the row also pulses. */
  pulsing: boolean;
}

const shownRows = 6;
const afterStartMs = 30_000;
const freshMs = 25_000;
const pulseMs = 8_000;
const offlineRowMs = 600_000;

/** The rows to draw now, newest call first. Without a connection old calls are hidden: they may be untrue. */
export function rowsToShow(board: Board, now: number, offline: boolean): ShownRow[] {
  return board.rows
    .map(row => ({ row, at: lastCall(board, row) }))
    .filter(({ row }) => !row.startedAt || now - Date.parse(row.startedAt) < afterStartMs)
    .filter(({ at }) => !offline || now - at < offlineRowMs)
    .sort((left, right) => right.at - left.at)
    .slice(0, shownRows)
    .map(({ row, at }) => {
      const called = row.state === "CALLED";
      return { ...row, fresh: called && now - at < freshMs, pulsing: called && now - at < pulseMs };
    });
}

// A recall is newer than the first call that put the row on the board.
function lastCall(board: Board, row: BoardRow): number {
  const times = board.calls.filter(call => call.ticketId === row.ticketId).map(call => Date.parse(call.at));
  return Math.max(Date.parse(row.calledAt), ...times);
}
