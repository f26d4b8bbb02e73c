import { useState } from "react";
import type { Answer, Problem } from "../../shared/http";
import type { TextId } from "../../shared/i18n/text";
import { problemText } from "./problem";

type Result = { ok: true } | { ok: false; problem: Problem | null } | { ok: string; problem?: never };

/** One request at a time, with its failure in words. `words` says some codes in the words of this place. */
export function useSending(words?: Record<string, TextId>) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async <R extends Answer<unknown> | Result>(answer: Promise<R>): Promise<R> => {
    setBusy(true);
    setError(null);
    const result = await answer;
    setBusy(false);
    if (result.ok === false) setError(problemText(result.problem ?? null, words));
    if (result.ok === "unreachable") setError(problemText(null));
    return result;
  };
  return { error, busy, send, fail: setError };
}
