import type { Problem } from "../../shared/http";
import { maybe, type TextId, t } from "../../shared/i18n/text";

const words: Record<string, TextId> = {
  WRONG_DETAILS: "problem.wrong-details",
  SESSION_ENDED: "problem.session-ended",
  UNAUTHENTICATED: "problem.session-ended",
  FORBIDDEN: "problem.forbidden",
  CROSS_SITE: "problem.cross-site",
  SETUP_DONE: "problem.link-used",
  WEAK_PASSWORD: "problem.weak-password",
  UNAVAILABLE: "problem.unavailable",
  INTERNAL: "problem.internal",
  TIMED_OUT: "problem.unavailable",
  OVERLOADED: "problem.unavailable",
  PROOF_REQUIRED: "problem.proof",
  LINK_VOID: "problem.link-used",
  WRONG_PASSWORD: "problem.wrong-password",
  WRONG_CODE: "problem.wrong-code",
  WAY_OFF: "problem.way-off",
  MAIL_OFF: "problem.mail-off",
  SMS_OFF: "problem.sms-off",
};

/** A problem of the server in the words of the page's language; those it has no words for bring their own. */
export function problemText(problem: Problem | null, own: Record<string, TextId> = {}): string {
  if (!problem) return t("problem.unreachable");
  if (problem.status === 429) return t("problem.too-many", { seconds: problem.retryAfterSeconds ?? 60 });
  // What would make a password better, where the server says it.
  const hint = problem.code === "WEAK_PASSWORD" ? maybe(`weak.${String(problem.more.hint)}`) : null;
  if (hint) return hint;
  const id = own[problem.code] ?? words[problem.code];
  if (id) return t(id);
  if (problem.detail) return problem.detail;
  return t(problem.status >= 500 ? "problem.internal" : "problem.other", { code: problem.code });
}
