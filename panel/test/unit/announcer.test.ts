import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Announcer, type Player } from "../../src/lite/announcer";
import type { BoardCall } from "../../src/lite/board-feed";

const now = Date.parse("2026-11-20T09:00:00Z");

function call(id: string, more: Partial<BoardCall> = {}): BoardCall {
  const at = new Date(now).toISOString();
  const base = { eventId: id, ticketId: `t-${id}`, number: "А105", letter: "А", seq: 105, windowLabel: "3" };
  return { ...base, kind: "CALL", pastDue: false, at, ...more };
}

class SlowPlayer implements Player {
  readonly log: string[] = [];
  readonly spoken: string[][] = [];
  private end: (() => void) | null = null;

  play(_language: string, clips: string[]): Promise<void> {
    this.log.push("start");
    this.spoken.push(clips);
    return new Promise(resolve => {
      this.end = () => {
        this.log.push("end");
        resolve();
      };
    });
  }

  stop(): void {
    this.log.push("stop");
  }

  async finish(): Promise<void> {
    this.end?.();
    this.end = null;
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe("the announcer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const started = (languages: ("ru" | "en")[] = ["ru"]) => {
    const player = new SlowPlayer();
    const broken: string[] = [];
    const announcer = new Announcer({
      player,
      languages,
      gapMs: 0,
      onBroken: one => broken.push(one.eventId),
    });
    announcer.offer([], now);
    return { player, announcer, broken };
  };

  it("speaks calls one after another in the order they were made", async () => {
    const { player, announcer } = started();
    announcer.offer([call("2", { seq: 2 }), call("1", { seq: 1 })], now);
    expect(player.log).toEqual(["start"]);
    await player.finish();
    expect(player.log).toEqual(["start", "end", "start"]);
    await player.finish();
    expect(player.log).toEqual(["start", "end", "start", "end"]);
    expect(player.spoken[0]).toContain("1");
    expect(player.spoken[1]).toContain("2");
  });

  it("speaks an event once, but a recall of the same ticket again", async () => {
    const { player, announcer } = started();
    announcer.offer([call("1")], now);
    await player.finish();
    announcer.offer([call("1")], now);
    expect(player.spoken).toHaveLength(1);
    announcer.offer([call("2", { ticketId: "t-1", kind: "RECALL" }), call("1")], now);
    expect(player.spoken[1]).toContain("again");
  });

  it("starts each call with the chime and says it in every language of the branch", async () => {
    const { player, announcer } = started(["ru", "en"]);
    announcer.offer([call("1")], now);
    await player.finish();
    expect(player.spoken[0]?.[0]).toBe("chime");
    expect(player.spoken[1]?.[0]).toBe("ticket");
  });

  it("is brief while three or more wait", async () => {
    const { player, announcer } = started();
    announcer.offer([call("4"), call("3"), call("2"), call("1")], now);
    await player.finish();
    await player.finish();
    await player.finish();
    expect(player.spoken.map(clips => clips.includes("ticket"))).toEqual([false, false, true, true]);
    expect(player.spoken[1]).toEqual(["chime", "letter-a", "100", "5", "window", "3"]);
  });

  it("gives up on a player silent for twelve seconds and goes on", async () => {
    const { player, announcer, broken } = started();
    announcer.offer([call("2"), call("1")], now);
    await vi.advanceTimersByTimeAsync(11_900);
    expect(player.log).toEqual(["start"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(player.log).toEqual(["start", "stop", "start"]);
    expect(broken).toEqual(["1"]);
  });

  it("never falls behind by more than twenty calls", () => {
    const { announcer, broken } = started();
    for (let seq = 1; seq <= 30; seq++) announcer.offer([call(`${seq}`, { seq })], now);
    expect(broken).toEqual(["2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  });

  it("does not read out the past when the page starts", () => {
    const player = new SlowPlayer();
    const announcer = new Announcer({ player, languages: ["ru"] });
    announcer.offer([call("1", { at: new Date(now - 30_000).toISOString() })], now);
    expect(player.spoken).toEqual([]);
  });

  it("after a broken line speaks only what is still fresh", () => {
    const { player, announcer } = started();
    const old = call("1", { at: new Date(now - 90_000).toISOString() });
    announcer.offer([call("2", { at: new Date(now - 40_000).toISOString() }), old], now);
    expect(player.spoken).toHaveLength(1);
  });
});
