import { useCallback, useEffect, useState } from "react";
import type { Problem } from "../../shared/http";
import { session } from "../session/session";

export type Fetched<T> =
  | { kind: "loading" }
  | { kind: "ready"; value: T }
  | { kind: "failed"; problem: Problem | null };

/** What a route of the person signed in answers, and a way to ask again. */
export function useFetched<T>(url: string): [Fetched<T>, () => void] {
  const [state, setState] = useState<Fetched<T>>({ kind: "loading" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isHere = true;
    void session.ask<T>(url).then(answer => {
      if (!isHere) return;
      if (answer.ok === true) setState({ kind: "ready", value: answer.body });
      else setState({ kind: "failed", problem: answer.ok === false ? answer.problem : null });
    });
    return () => {
      isHere = false;
    };
  }, [url, turn]);
  return [state, useCallback(() => setTurn(count => count + 1), [])];
}
