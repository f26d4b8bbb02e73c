import type { TypedDocumentNode } from "@urql/core";
import { useState } from "react";
import { t } from "../../shared/i18n/text";
import { command, type Outcome } from "../live/command";

type PayloadOf<D> = D extends Record<string, infer P> ? NonNullable<P> : never;

export type Act = ReturnType<typeof useAct>["act"];

/** Gives commands one at a time. The answer is the payload, or null with the reason in `problem`, in words. */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const act = async <D extends Record<string, unknown>, I extends { commandId: string }>(
    document: TypedDocumentNode<D, { input: I }>,
    input: Omit<I, "commandId">,
  ): Promise<PayloadOf<D> | null> => {
    setBusy(true);
    setProblem(null);
    const outcome: Outcome<PayloadOf<D>> = await command(document, input);
    setBusy(false);
    if (outcome.kind === "done") return outcome.payload;
    setProblem(outcome.kind === "refused" ? outcome.refusal.message : t("conflict.unreachable"));
    return null;
  };
  return { act, busy, problem, setProblem };
}
