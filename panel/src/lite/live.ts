import { arrival } from "../shared/position";

export type Link = "connecting" | "online" | "offline";

interface LiveOptions<T> {
  url: string;
  event: string;
  /** How long the line may be down before people are told. */
  offlineAfterMs: number;
  onMessage: (message: T) => void;
  onLink: (link: Link) => void;
  onReload?: () => void;
  /** The server answered that there is no such thing, or not for this device; no further attempt is made. */
  onRefused?: (status: number) => void;
}

// The server sends a comment every 10 s; a line silent for longer than this is dead.
const silenceMs = 15_000;

/**
 * Follows one server-sent stream until the returned function is called. Read through `fetch`, because
 * EventSource hides the pings (a dead line would look alive) and gives up for good on a 502.
 */
export function follow<T extends { position: string }>(options: LiveOptions<T>): () => void {
  let stopped = false;
  let attempt = 0;
  let last: string | null = null;
  let abort = new AbortController();
  let link: Link = "connecting";
  let silence: ReturnType<typeof setTimeout> | undefined;
  let doubt: ReturnType<typeof setTimeout> | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;

  const say = (next: Link) => {
    if (next === link) return;
    link = next;
    options.onLink(next);
  };
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => abort.abort(), silenceMs);
  };
  const doubtful = () => {
    doubt ??= setTimeout(() => say("offline"), options.offlineAfterMs);
  };
  const certain = () => {
    clearTimeout(doubt);
    doubt = undefined;
    attempt = 0;
    say("online");
  };
  const take = (name: string, data: string) => {
    if (name === "reload") return options.onReload?.();
    if (name !== options.event) return;
    const message = JSON.parse(data) as T;
    certain();
    if (arrival(last, message.position) === "older") return;
    last = message.position;
    options.onMessage(message);
  };

  async function connect(): Promise<void> {
    abort = new AbortController();
    try {
      heard();
      const response = await fetch(options.url, {
        signal: abort.signal,
        headers: { accept: "text/event-stream" },
        credentials: "same-origin",
        cache: "no-store",
      });
      if ([401, 403, 404].includes(response.status) && options.onRefused) {
        stop();
        options.onRefused(response.status);
        return;
      }
      if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`);
      await readEvents(response.body, heard, take);
    } catch {
      // Every way to lose the line ends here and is answered alike: try again.
    }
    abort.abort();
    clearTimeout(silence);
    if (stopped) return;
    doubtful();
    pause = setTimeout(connect, backoff(attempt++));
  }

  function stop(): void {
    stopped = true;
    abort.abort();
    for (const timer of [silence, doubt, pause]) clearTimeout(timer);
  }

  doubtful();
  void connect();
  return stop;
}

/** Doubles from 0.25 s to 8 s, with jitter so that a hall of devices does not return in step. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.min(8000, 250 * 2 ** Math.min(attempt, 5)) * (0.75 + random() / 2);
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
  take: (name: string, data: string) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const blocks = (rest + decoder.decode(value, { stream: true })).replace(/\r/g, "").split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      let name = "message";
      const data: string[] = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) name = line.slice(6).trim();
        else if (line.startsWith("data:")) data.push(line.slice(5).trim());
      }
      if (data.length > 0 || name === "reload") take(name, data.join("\n"));
    }
  }
}
