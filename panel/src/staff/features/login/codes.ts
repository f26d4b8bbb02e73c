import { type Answer, ask } from "../../../shared/http";
import { language } from "../../../shared/i18n/text";
import { clock } from "../../live/client";
import { type Puzzle, solve } from "./proof";

export type Kind = "phone" | "email";

export interface SentCode {
  challenge: string;
  expiresAt: string;
  resendAfterS: number;
}

/** Asks for a code; when many are asked for at once, the server wants a puzzle solved first, and this page does it. */
export async function askForCode(kind: Kind, value: string): Promise<Answer<SentCode>> {
  const answer = await send({ kind, value });
  const puzzle = answer.ok === false ? (answer.problem.more.puzzle as Puzzle | undefined) : undefined;
  if (!puzzle) return answer;
  const solution = await solve(puzzle, () => clock.now());
  if (solution === null) return answer;
  return send({ kind, value, proof: { puzzle: puzzle.puzzle, solution } });
}

function send(body: unknown): Promise<Answer<SentCode>> {
  return ask<SentCode>("/auth/code", { method: "POST", body, language: language() });
}
