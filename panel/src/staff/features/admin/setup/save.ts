import type { TypedDocumentNode } from "@urql/core";
import { useState } from "react";
import { t } from "../../../../shared/i18n/text";
import { command } from "../../../live/command";

type PayloadOf<D> = D extends Record<string, infer P> ? NonNullable<P> : never;

/** What became of a change: done, refused in words, or overtaken by somebody else's. */
export type Saved<P> = { kind: "saved"; payload: P } | { kind: "moved"; payload: P } | { kind: "not" };

/** Gives a command that may meet somebody else's change, with its failure in words. */
export function useSave() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async <D extends Record<string, unknown>, I extends { commandId: string }>(
    document: TypedDocumentNode<D, { input: I }>,
    input: Omit<I, "commandId">,
  ): Promise<Saved<PayloadOf<D>>> => {
    setBusy(true);
    setProblem(null);
    const outcome = await command(document, input);
    setBusy(false);
    if (outcome.kind === "done") return { kind: "saved", payload: outcome.payload };
    if (outcome.kind === "refused" && outcome.refusal.code === "SETTINGS_MOVED" && outcome.payload)
      return { kind: "moved", payload: outcome.payload };
    setProblem(outcome.kind === "refused" ? outcome.refusal.message : t("conflict.unreachable"));
    return { kind: "not" };
  };
  return { save, busy, problem, setProblem };
}
