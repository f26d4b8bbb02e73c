import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { language } from "../../shared/i18n/text";
import { ServerClock } from "../../shared/time";
import { session } from "../session/session";
import { liveLink } from "./link";

/** The server's clock, learnt from the Date header of every answer. */
export const clock = new ServerClock();

async function authorised(url: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const send = async () => {
    const headers = new Headers(init?.headers);
    const token = await session.token();
    if (token) headers.set("authorization", `Bearer ${token}`);
    headers.set("accept-language", language());
    return fetch(url, { ...init, headers, credentials: "same-origin" });
  };
  let response = await send();
  if (response.status === 401 && (await session.refresh())) response = await send();
  const date = response.headers.get("date");
  // The header has whole seconds; the middle of the second errs least.
  if (date) clock.learn(new Date(Date.parse(date) + 500).toISOString());
  return response;
}

// Closes that mean «who are you?»: a token that ended, or a refused start of the line.
const refused = new Set([4401, 4403, 1002]);
const deadMs = 5_000;

let pong: ReturnType<typeof setTimeout> | undefined;

const line = createClient({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql/ws`,
  connectionParams: async () => ({ authorization: `Bearer ${await session.token()}`, language: language() }),
  keepAlive: 10_000,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: attempt => {
    const wait = Math.min(8000, 250 * 2 ** Math.min(attempt, 5)) * (0.75 + Math.random() / 2);
    return new Promise(resolve => setTimeout(resolve, wait));
  },
  on: {
    connected: () => liveLink.up(),
    closed: event => {
      liveLink.down();
      if (refused.has((event as CloseEvent).code)) void session.refresh();
    },
    ping: received => {
      if (!received) pong = setTimeout(() => line.terminate(), deadMs);
    },
    pong: received => {
      if (received) clearTimeout(pong);
    },
  },
});

export const client = new Client({
  url: "/graphql",
  fetch: authorised as typeof fetch,
  preferGetMethod: false,
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: sink => ({
          unsubscribe: line.subscribe(
            { query: query ?? "", variables: variables as Record<string, unknown> },
            sink,
          ),
        }),
      }),
    }),
  ],
});
