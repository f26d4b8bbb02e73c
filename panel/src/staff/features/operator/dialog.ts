import type { TicketView } from "./types";

/** The one question open over the workplace, if any. */
export type Dialog =
  | { kind: "none" }
  | { kind: "finish" | "park" | "transfer" | "return" | "refuse" | "revoke" | "noShow"; ticket: TicketView }
  | { kind: "pick"; ticket: TicketView }
  | { kind: "break" | "services" | "leave" | "help" };

export const noDialog: Dialog = { kind: "none" };
