import { describe, expect, it } from "vitest";
import { abilities } from "../../src/staff/features/operator/abilities";
import { afterAnswer } from "../../src/staff/features/operator/feeds";
import { inState, type QueueMessage, received } from "../../src/staff/features/operator/queue";
import type { TicketView, WindowView } from "../../src/staff/features/operator/types";

const now = Date.parse("2026-11-20T09:00:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

function ticket(id: string, more: Partial<TicketView> = {}): TicketView {
  return { id, number: "А105", state: "WAITING", dueAt: ago(0), attempts: 1, ...more } as TicketView;
}

function window(state: WindowView["state"], more: Partial<WindowView> = {}): WindowView {
  return { code: "w1", state, ticket: null, next: null, ...more } as WindowView;
}

const called = (attempts: number, first: number, last: number) =>
  window("CALLING", { ticket: ticket("t", { attempts, calledAt: ago(first), lastCallAt: ago(last) }) });

describe("what an operator may press", () => {
  it("a free window calls when somebody waits, and says so when nobody does", () => {
    expect(abilities(window("FREE"), now, false).callNext).toMatchObject({
      kind: "not-yet",
      why: "why.nobody",
    });
    const next = { ticket: ticket("t") } as WindowView["next"];
    expect(abilities(window("FREE", { next }), now, false).callNext.kind).toBe("can");
  });

  it("a recall waits thirty seconds and is given three times at most", () => {
    expect(abilities(called(1, 10, 10), now, false).recall).toEqual({
      kind: "not-yet",
      why: "why.wait-recall",
      values: { seconds: 20 },
    });
    expect(abilities(called(1, 30, 30), now, false).recall.kind).toBe("can");
    expect(abilities(called(3, 300, 100), now, false).recall).toMatchObject({ why: "why.calls-used" });
  });

  it("a no-show needs two calls and a minute", () => {
    expect(abilities(called(1, 300, 300), now, false).noShow).toMatchObject({ why: "why.one-more-call" });
    expect(abilities(called(2, 45, 5), now, false).noShow).toMatchObject({ values: { seconds: 15 } });
    expect(abilities(called(2, 60, 20), now, false).noShow.kind).toBe("can");
  });

  it("without a connection only finishing is left", () => {
    const serving = abilities(window("SERVING", { ticket: ticket("t", { startedAt: ago(60) }) }), now, true);
    expect(serving.finish.kind).toBe("can");
    expect(serving.finishNext).toMatchObject({ why: "why.offline" });
    expect(serving.transfer).toMatchObject({ why: "why.offline" });
  });

  it("a window with a ticket cannot be left", () =>
    expect(abilities(called(1, 1, 1), now, false).leave).toMatchObject({ why: "bar.leave-busy" }));
});

describe("the queue", () => {
  const whole = (position: string, waiting: TicketView[]): QueueMessage => ({
    position,
    snapshot: { waiting, called: [], serving: [], parked: [], noShow: [] },
    upserted: [],
    removed: [],
  });
  const change = (position: string, upserted: TicketView[], removed: string[] = []): QueueMessage => ({
    position,
    snapshot: null,
    upserted,
    removed,
  });
  const ids = (queue: ReturnType<typeof received>) => inState(queue, "WAITING").map(one => one.id);

  it("lays changes on the whole, by due time", () => {
    let queue = received(null, whole("a.1", [ticket("late", { dueAt: ago(-60) })]));
    queue = received(queue, change("a.2", [ticket("early", { dueAt: ago(60) })]));
    expect(ids(queue)).toEqual(["early", "late"]);
    expect(ids(received(queue, change("a.3", [], ["early"])))).toEqual(["late"]);
  });

  it("drops what is late and waits for the whole after a gap", () => {
    const queue = received(null, whole("a.5", [ticket("t")]));
    expect(received(queue, change("a.4", [], ["t"]))).toBe(queue);
    expect(received(queue, change("b.1", [], ["t"]))).toBe(queue);
    expect(received(null, change("a.1", [ticket("t")]))).toBeNull();
    expect(ids(received(queue, whole("b.1", [])))).toEqual([]);
  });
});

describe("the window after the answer of a command", () => {
  const next = (id: string) => ({ ticket: ticket(id) }) as WindowView["next"];
  const seen = (position: string, more: Partial<WindowView> = {}) => ({
    position,
    window: window("FREE", more),
  });

  it("keeps what the feed has said of the same moment, for it knows who is next", () => {
    const fed = seen("a.5", { next: next("n") });
    expect(afterAnswer(fed, seen("a.5"))).toBe(fed);
    expect(afterAnswer(fed, seen("a.4"))).toBe(fed);
  });

  it("takes a newer one, with the next known so far unless it has just been called", () => {
    const fed = seen("a.5", { next: next("n") });
    expect(afterAnswer(fed, seen("a.6")).window.next?.ticket.id).toBe("n");
    expect(afterAnswer(fed, seen("a.6", { ticket: ticket("n") })).window.next).toBeNull();
  });
});
