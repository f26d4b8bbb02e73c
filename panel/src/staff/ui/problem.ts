import type { Problem } from "../../shared/http";
import { type TextId, t } from "../../shared/i18n/text";

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
};

/** A problem of the server in the words of the page's language; those it has no words for bring their own. */
export function problemText(problem: Problem | null, own: Record<string, TextId> = {}): string {
  if (!problem) return t("problem.unreachable");
  if (problem.status === 429) return t("problem.too-many", { seconds: problem.retryAfterSeconds ?? 60 });
  const id = own[problem.code] ?? words[problem.code];
  if (id) return t(id);
  if (problem.detail) return problem.detail;
  return t(problem.status >= 500 ? "problem.internal" : "problem.other", { code: problem.code });
}
