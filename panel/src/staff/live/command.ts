import type { TypedDocumentNode } from "@urql/core";
import { uuid } from "../../shared/ids";
import { client } from "./client";

export interface Refusal {
  code: string;
  message: string;
}

interface Payload {
  refusal?: Refusal | null;
}

export type Outcome<P> =
  | { kind: "done"; payload: P }
  /** The payload may show how things stand beside the no; a denied permission has none. */
  | { kind: "refused"; refusal: Refusal; payload: P | null }
  | { kind: "unreachable" };

type PayloadOf<D> = D extends Record<string, infer P> ? NonNullable<P> : never;

interface Options {
  /** How long to go on repeating while the server is out of reach. */
  patienceMs?: number;
}

// A press is one intent: while it has no answer, the same press again joins it and keeps its id.
const underWay = new Map<string, Promise<unknown>>();
const ids = new Map<string, string>();

/**
 * Sends one command. The id is made when the button is first pressed and reused until the server has
 * answered, so neither a double press nor a lost answer can do a thing twice.
 */
export function command<D extends Record<string, Payload | unknown>, I extends { commandId: string }>(
  document: TypedDocumentNode<D, { input: I }>,
  input: Omit<I, "commandId">,
  options: Options = {},
): Promise<Outcome<PayloadOf<D>>> {
  const key = String(document) + JSON.stringify(input);
  const running = underWay.get(key) as Promise<Outcome<PayloadOf<D>>> | undefined;
  if (running) return running;
  const commandId = ids.get(key) ?? uuid();
  ids.set(key, commandId);
  const sent = send(document, { ...input, commandId } as I, options.patienceMs ?? 12_000).then(outcome => {
    if (outcome.kind !== "unreachable") ids.delete(key);
    return outcome;
  });
  underWay.set(key, sent);
  void sent.finally(() => underWay.delete(key));
  return sent;
}

async function send<D, I>(
  document: TypedDocumentNode<D, { input: I }>,
  input: I,
  patienceMs: number,
): Promise<Outcome<PayloadOf<D>>> {
  const end = Date.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    const result = await client.mutation(document, { input }).toPromise();
    const [payload] = Object.values(result.data ?? {}) as PayloadOf<D>[];
    if (payload) {
      const { refusal } = payload as Payload;
      return refusal ? { kind: "refused", refusal, payload } : { kind: "done", payload };
    }
    const [error] = result.error?.graphQLErrors ?? [];
    if (error) {
      const code = typeof error.extensions.code === "string" ? error.extensions.code : "ERROR";
      return { kind: "refused", refusal: { code, message: error.message }, payload: null };
    }
    const wait = Math.min(8000, 400 * 2 ** attempt);
    if (Date.now() + wait > end) return { kind: "unreachable" };
    await new Promise(resolve => setTimeout(resolve, wait));
  }
}
