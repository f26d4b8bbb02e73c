import { describe, expect, it } from "vitest";
import { rowsToShow } from "../../src/lite/board/rows";
import type { Board } from "../../src/lite/board-feed";
import { quoteRange } from "../../src/lite/quote";
import { uuid } from "../../src/shared/ids";
import { shownNumber } from "../../src/shared/number";
import { arrival } from "../../src/shared/position";
import { stopwatch, usefulMinutes } from "../../src/shared/time";

describe("positions", () => {
  it.each([
    [null, "a.1", "newer"],
    ["a.9", "a.10", "newer"],
    ["a.10", "a.9", "older"],
    ["a.10", "a.10", "same"],
    ["a.10", "b.1", "another-log"],
    ["a.18014398509481984", "a.18014398509481985", "newer"],
    ["01J.x.2", "01J.x.10", "newer"],
  ])("from %s to %s: %s", (last, next, expected) => expect(arrival(last, next)).toBe(expected));
});

describe("numbers and times", () => {
  it("shows the Latin twin to English readers", () => {
    expect(shownNumber("Н042", "ru")).toBe("Н\u202f042");
    expect(shownNumber("Н042", "en")).toBe("H\u202f042");
  });
  it("counts minutes and hours", () => {
    expect(stopwatch(42_000)).toBe("0:42");
    expect(stopwatch(3_671_000)).toBe("1:01:11");
    expect(stopwatch(-5)).toBe("0:00");
  });
  it("rounds waits to what a person can use", () => {
    expect([1, 61, 1200, 1201, 3599].map(usefulMinutes)).toEqual([1, 2, 20, 25, 60]);
    expect(quoteRange({ p50Seconds: 700, p80Seconds: 1050 })).toBe("12–18");
    expect(quoteRange({ p50Seconds: 30, p80Seconds: 40 })).toBe("1");
  });
  it("makes UUIDs without crypto.randomUUID", () =>
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/));
});

describe("rows of the board", () => {
  const now = Date.parse("2026-11-20T09:00:00Z");
  const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  const row = (ticketId: string, calledAt: string, startedAt: string | null = null) => {
    const state = startedAt ? ("SERVING" as const) : ("CALLED" as const);
    return {
      ticketId,
      number: "А001",
      window: "w1",
      windowLabel: "1",
      state,
      attempt: 1,
      calledAt,
      startedAt,
    };
  };
  const board = (rows: Board["rows"], calls: Board["calls"] = []) => ({ rows, calls }) as Board;
  const ids = (shown: { ticketId: string }[]) => shown.map(one => one.ticketId);

  it("keeps six, newest first", () => {
    const rows = [1, 2, 3, 4, 5, 6, 7].map(one => row(`t${one}`, ago(one)));
    expect(ids(rowsToShow(board(rows), now, false))).toEqual(["t1", "t2", "t3", "t4", "t5", "t6"]);
  });
  it("lets a row go thirty seconds after the start of service", () => {
    const rows = [row("gone", ago(60), ago(31)), row("stays", ago(60), ago(29))];
    expect(ids(rowsToShow(board(rows), now, false))).toEqual(["stays"]);
  });
  it("moves a recalled ticket up and lights it again", () => {
    const recall = { eventId: "e", ticketId: "old", kind: "RECALL", at: ago(2) } as Board["calls"][number];
    const shown = rowsToShow(board([row("new", ago(40)), row("old", ago(90))], [recall]), now, false);
    expect(ids(shown)).toEqual(["old", "new"]);
    expect(shown.map(one => one.pulsing)).toEqual([true, false]);
  });
  it("hides old calls while there is no connection", () => {
    const rows = [row("old", ago(700)), row("new", ago(30))];
    expect(ids(rowsToShow(board(rows), now, true))).toEqual(["new"]);
  });
});
