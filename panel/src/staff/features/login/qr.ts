import { clock } from "../../live/client";

/** A sign-in that waits for a phone. The secret never leaves this page but to take the answer. */
export interface QrSignIn {
  id: string;
  secret: string;
  url: string;
  svg: string;
  expiresAt: string;
}

export type QrState = "waiting" | "confirmed" | "refused" | "expired";

const states: readonly string[] = ["waiting", "confirmed", "refused", "expired"];
const againMs = 2000;

/** Tells each state of a sign-in until the returned function is called. A broken line is taken up again. */
export function watchQr(code: QrSignIn, onState: (state: QrState) => void): () => void {
  const abort = new AbortController();
  let isOver = false;
  const told = (state: QrState) => {
    if (isOver) return;
    isOver = state !== "waiting";
    onState(state);
  };
  const follow = async () => {
    while (!isOver && !abort.signal.aborted) {
      await readEvents(code, abort.signal, told).catch(() => undefined);
      if (clock.now() > Date.parse(code.expiresAt) + againMs) told("expired");
      if (!isOver) await new Promise(resolve => setTimeout(resolve, againMs));
    }
  };
  void follow();
  return () => {
    isOver = true;
    abort.abort();
  };
}

// EventSource can send no header, and a secret does not belong into an address.
async function readEvents(code: QrSignIn, signal: AbortSignal, told: (state: QrState) => void) {
  const response = await fetch(`/auth/qr/${encodeURIComponent(code.id)}/events`, {
    headers: { accept: "text/event-stream", "talon-qr-secret": code.secret },
    credentials: "same-origin",
    signal,
  });
  if (response.status === 404 || response.status === 410) return told("expired");
  if (!response.ok || !response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const whole = text.lastIndexOf("\n\n");
    if (whole < 0) continue;
    for (const state of statesIn(text.slice(0, whole))) told(state);
    text = text.slice(whole + 2);
  }
}

/** The states named by the events of a stream, in order. */
export function statesIn(events: string): QrState[] {
  return events
    .split("\n\n")
    .map(event => /^event: ?(\S+)/m.exec(event)?.[1] ?? "")
    .filter((name): name is QrState => states.includes(name));
}
