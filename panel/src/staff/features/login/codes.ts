import { type Answer, ask } from "../../../shared/http";
import { language, type TextId } from "../../../shared/i18n/text";
import { clock } from "../../live/client";
import { type SignIn, session } from "../../session/session";
import { type Puzzle, solve } from "./proof";

export type Kind = "phone" | "email";

export interface SentCode {
  challenge: string;
  expiresAt: string;
  resendAfterS: number;
}

/** What a code is for: where it is asked for, where it is shown, and what the button that shows it says. */
export interface CodeDoor {
  request: (body: unknown) => Promise<Answer<SentCode>>;
  show: (body: { challenge: string; code: string }) => Promise<Answer<unknown> | SignIn>;
  button: TextId;
}

export const signInDoor: CodeDoor = {
  request: body => ask<SentCode>("/auth/code", { method: "POST", body, language: language() }),
  show: body => session.enterBy("/auth/code/confirm", body),
  button: "code.sign-in",
};

/** A contact that a customer wants to be known by too. */
export const contactDoor: CodeDoor = {
  request: body => session.ask<SentCode>("/api/v1/me/contacts", { method: "POST", body }),
  show: body => session.ask("/api/v1/me/contacts/confirm", { method: "POST", body }),
  button: "mine.add",
};

/** Asks for a code; when many are asked for at once, the server wants a puzzle solved first, and this page does it. */
export async function askForCode(door: CodeDoor, kind: Kind, value: string): Promise<Answer<SentCode>> {
  const answer = await door.request({ kind, value });
  const puzzle = answer.ok === false ? (answer.problem.more.puzzle as Puzzle | undefined) : undefined;
  if (!puzzle) return answer;
  const solution = await solve(puzzle, () => clock.now());
  if (solution === null) return answer;
  return door.request({ kind, value, proof: { puzzle: puzzle.puzzle, solution } });
}
