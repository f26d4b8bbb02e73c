import { useSyncExternalStore } from "react";
import type { MeKind } from "../../shared/gql/generated/staff-session";
import { type Answer, ask, type Problem } from "../../shared/http";
import { language } from "../../shared/i18n/text";

export interface Person {
  id: string;
  name?: string | null;
  role: string;
  kind: MeKind;
  branches: string[];
  mustSetUpSecondFactor: boolean;
}

export type SessionState =
  | { kind: "unknown" }
  | { kind: "out" }
  | { kind: "in"; me: Person; token: string; until: number };

interface Granted {
  accessToken: string;
  expiresAt: string;
  me: Person;
}

/** The password was right, and a second proof is asked for. */
interface SecondStep {
  step: "TOTP";
  challenge: string;
  expiresAt: string;
}

export type SignIn =
  | { ok: true }
  | { ok: "second-step"; challenge: string; expiresAt: string }
  | { ok: false; problem: Problem | null };

interface Request {
  method?: "GET" | "POST";
  body?: unknown;
  headers?: Record<string, string>;
}

// Renewed this long before the end, so that no request leaves with a token that dies on the way.
const renewAheadMs = 30_000;

/** Who works here. The access token lives in memory only; the cookie that renews it is out of reach of scripts. */
class Session {
  private state: SessionState = { kind: "unknown" };
  private readonly listeners = new Set<() => void>();
  private refreshing: Promise<boolean> | null = null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): SessionState => this.state;

  /** Signs in by one of the doors that answer with a welcome: password, code, invitation, QR and the like. */
  async enterBy(door: string, body: unknown, headers?: Record<string, string>): Promise<SignIn> {
    return this.enter(await this.post(door, body, headers));
  }

  async signOut(): Promise<void> {
    await ask("/auth/logout", { method: "POST" });
    this.set({ kind: "out" });
  }

  /** The server has ended this session too; the page follows. */
  ended(): void {
    this.set({ kind: "out" });
  }

  /** A request of the person signed in, renewed once when the token has just ended. */
  async ask<T>(url: string, request: Request = {}): Promise<Answer<T>> {
    const send = async () => {
      const token = await this.token();
      const headers = { ...request.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
      return ask<T>(url, { ...request, headers, language: language() });
    };
    const answer = await send();
    const isStale = answer.ok === false && answer.problem.code === "UNAUTHENTICATED";
    return isStale && (await this.refresh()) ? send() : answer;
  }

  /** A token good for the next request, or null when nobody is signed in. */
  async token(): Promise<string | null> {
    if (this.state.kind === "in" && this.state.until - Date.now() > renewAheadMs) return this.state.token;
    await this.refresh();
    return this.state.kind === "in" ? this.state.token : null;
  }

  /** Renews the token. Callers that come meanwhile share one request: each rotates the cookie. */
  refresh(): Promise<boolean> {
    this.refreshing ??= this.renew().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  /** Windows of one browser share the cookie: each waits for the one before and sends the newest. */
  private renew(): Promise<boolean> {
    const { locks } = navigator;
    return locks ? locks.request("talon-refresh", () => this.renewNow()) : this.renewNow();
  }

  private async renewNow(): Promise<boolean> {
    const answer = await this.post("/auth/refresh");
    if (answer.ok === true) return this.enter(answer).ok === true;
    // A server out of reach ends no session; only its refusal does.
    if (answer.ok === false && answer.problem.status === 401) this.set({ kind: "out" });
    return false;
  }

  private post(url: string, body?: unknown, headers?: Record<string, string>) {
    return ask<Granted | SecondStep>(url, { method: "POST", body, headers, language: language() });
  }

  private enter(answer: Answer<Granted | SecondStep>): SignIn {
    if (answer.ok !== true) return { ok: false, problem: answer.ok === false ? answer.problem : null };
    if ("step" in answer.body) {
      const { challenge, expiresAt } = answer.body;
      return { ok: "second-step", challenge, expiresAt };
    }
    const { accessToken, expiresAt, me } = answer.body;
    this.set({ kind: "in", me, token: accessToken, until: Date.parse(expiresAt) });
    return { ok: true };
  }

  private set(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const session = new Session();

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.read);
}
