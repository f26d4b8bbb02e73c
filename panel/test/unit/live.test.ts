import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff, follow, type Link } from "../../src/lite/live";

interface Message {
  position: string;
  text: string;
}

/** A server whose streams the test writes and breaks by hand. */
class Server {
  readonly streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  status = 200;

  readonly fetch = vi.fn(async (_url: string, init: RequestInit) => {
    if (this.status !== 200) return new Response("{}", { status: this.status });
    const body = new ReadableStream<Uint8Array>({
      start: controller => {
        this.streams.push(controller);
        init.signal?.addEventListener("abort", () => {
          try {
            controller.error(new Error("aborted"));
          } catch {
            // The test has closed it already.
          }
        });
      },
    });
    return new Response(body);
  });

  async send(text: string): Promise<void> {
    this.streams.at(-1)?.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(0);
  }

  async message(position: string, text: string): Promise<void> {
    await this.send(`id: ${position}\nevent: board\ndata: ${JSON.stringify({ position, text })}\n\n`);
  }

  async cut(): Promise<void> {
    this.streams.at(-1)?.close();
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe("the live line", () => {
  let server: Server;
  let seen: string[];
  let links: Link[];
  let stop: () => void;
  const onReload = vi.fn();
  const onRefused = vi.fn();

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new Server();
    vi.stubGlobal("fetch", server.fetch);
    seen = [];
    links = [];
    stop = follow<Message>({
      url: "/live/board/b",
      event: "board",
      offlineAfterMs: 5000,
      onMessage: message => seen.push(message.text),
      onLink: link => links.push(link),
      onReload,
      onRefused,
    });
    await vi.advanceTimersByTimeAsync(0);
  });
  afterEach(() => {
    stop();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("takes messages in order and drops one of a lower position", async () => {
    await server.message("a.9", "nine");
    await server.message("a.10", "ten");
    await server.message("a.9", "late");
    expect(seen).toEqual(["nine", "ten"]);
    expect(links).toEqual(["online"]);
  });

  it("starts over when the log is another", async () => {
    await server.message("a.900", "old");
    await server.message("b.3", "restored");
    expect(seen).toEqual(["old", "restored"]);
  });

  it("puts together a message that came in pieces", async () => {
    await server.send("event: board\nda");
    await server.send('ta: {"position":"a.1","text":"whole"}\n\n');
    expect(seen).toEqual(["whole"]);
  });

  it("comes back by itself, silently when it was short", async () => {
    await server.message("a.1", "one");
    await server.cut();
    await vi.advanceTimersByTimeAsync(1000);
    await server.message("a.2", "two");
    expect(seen).toEqual(["one", "two"]);
    expect(links).toEqual(["online"]);
  });

  it("tells people after five seconds and takes it back with a fresh message", async () => {
    await server.message("a.1", "one");
    server.status = 502;
    await server.cut();
    await vi.advanceTimersByTimeAsync(4900);
    expect(links).toEqual(["online"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(links).toEqual(["online", "offline"]);
    server.status = 200;
    await vi.advanceTimersByTimeAsync(12_000);
    expect(links).toEqual(["online", "offline"]);
    await server.message("a.1", "one again");
    expect(links).toEqual(["online", "offline", "online"]);
    expect(seen).toEqual(["one", "one again"]);
  });

  it("treats a line without even a ping as dead", async () => {
    await server.message("a.1", "one");
    await vi.advanceTimersByTimeAsync(10_000);
    await server.send(": ping\n\n");
    await vi.advanceTimersByTimeAsync(14_000);
    expect(server.fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.fetch).toHaveBeenCalledTimes(2);
  });

  it("passes on the wish to reload", async () => {
    await server.send("event: reload\n\n");
    expect(onReload).toHaveBeenCalledOnce();
  });

  it("gives up when the server refuses", async () => {
    server.status = 404;
    await server.cut();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onRefused).toHaveBeenCalledWith(404);
    expect(server.fetch).toHaveBeenCalledTimes(2);
  });
});

describe("the pause before the next attempt", () => {
  it("doubles up to eight seconds with a quarter of jitter either way", () => {
    expect([0, 1, 5, 50].map(attempt => backoff(attempt, () => 0.5))).toEqual([250, 500, 8000, 8000]);
    expect(backoff(5, () => 0)).toBe(6000);
    expect(backoff(5, () => 1)).toBe(10_000);
  });
});
