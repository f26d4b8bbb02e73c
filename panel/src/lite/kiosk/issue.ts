import { type Answer, ask } from "../../shared/http";
import type { Language } from "../../shared/i18n/text";
import { uuid } from "../../shared/ids";
import type { Quote } from "../quote";

/** What one person asked for; its id is the command id, so repeating it can never make two tickets. */
export interface Intent {
  id: string;
  service: string;
  reasonCode: string | null;
  classCode: string;
  language: Language;
}

export interface IssuedTicket {
  ticketId: string;
  number: string;
  /** Tickets before this one; absent when the server cannot tell yet. */
  ahead: number | null;
  quote: Quote | null;
  issuedAt: string;
  token: string;
  qr: string;
  url: string;
}

export function newIntent(wish: Omit<Intent, "id">): Intent {
  return { ...wish, id: uuid() };
}

const attempts = 4;

/** Asks for the ticket, repeating with the same id while the server does not answer. */
export async function issue(
  branch: string,
  intent: Intent,
  pause: (ms: number) => Promise<void> = wait,
): Promise<Answer<IssuedTicket>> {
  let answer: Answer<IssuedTicket> = { ok: "unreachable" };
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await pause(500 * 2 ** attempt);
    answer = await ask<IssuedTicket>(`/api/v1/branches/${branch}/tickets`, {
      method: "POST",
      language: intent.language,
      timeoutMs: 6000,
      headers: { "idempotency-key": intent.id },
      body: {
        services: [intent.service],
        class: intent.classCode,
        reasonCode: intent.reasonCode,
        language: intent.language,
        partySize: 1,
      },
    });
    const repeat = answer.ok === "unreachable" || (answer.ok === false && answer.problem.status === 503);
    if (!repeat) break;
  }
  return answer;
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
