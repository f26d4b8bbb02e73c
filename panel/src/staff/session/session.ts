import { useSyncExternalStore } from "react";
import { type Answer, ask, type Problem } from "../../shared/http";
import { language } from "../../shared/i18n/text";

export interface Person {
  id: string;
  name: string;
  role: string;
  branches: string[];
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

export type SignIn = { ok: true } | { ok: false; problem: Problem | null };

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

  async signIn(email: string, password: string): Promise<SignIn> {
    return this.enter(await this.post("/auth/login", { email, password }));
  }

  /** Uses up the one-time link of a fresh installation. */
  async setUp(form: { token: string; email: string; name: string; password: string }): Promise<SignIn> {
    return this.enter(await this.post("/auth/setup", form));
  }

  async signOut(): Promise<void> {
    await ask("/auth/logout", { method: "POST" });
    this.set({ kind: "out" });
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

  private async renew(): Promise<boolean> {
    const answer = await this.post("/auth/refresh");
    if (answer.ok === true) return this.enter(answer).ok;
    // A server out of reach ends no session; only its refusal does.
    if (answer.ok === false && answer.problem.status === 401) this.set({ kind: "out" });
    return false;
  }

  private post(url: string, body?: unknown): Promise<Answer<Granted>> {
    return ask<Granted>(url, { method: "POST", body, language: language() });
  }

  private enter(answer: Answer<Granted>): SignIn {
    if (answer.ok === true) {
      const { accessToken, expiresAt, me } = answer.body;
      this.set({ kind: "in", me, token: accessToken, until: Date.parse(expiresAt) });
      return { ok: true };
    }
    return { ok: false, problem: answer.ok === false ? answer.problem : null };
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
