import { type Answer, ask } from "../../../shared/http";
import { language } from "../../../shared/i18n/text";

export type Kind = "phone" | "email";

export interface SentCode {
  challenge: string;
  expiresAt: string;
  resendAfterS: number;
}

/** Asks for a code. */
export function askForCode(kind: Kind, value: string): Promise<Answer<SentCode>> {
  return ask<SentCode>("/auth/code", { method: "POST", body: { kind, value }, language: language() });
}
