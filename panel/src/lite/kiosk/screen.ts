import type { Intent, IssuedTicket } from "./issue";

export interface Privilege {
  classCode: string;
  reasonCode: string;
}

export type Screen =
  | { kind: "services"; group: string | null }
  | { kind: "reasons" }
  | { kind: "help" }
  | { kind: "issuing"; intent: Intent }
  | { kind: "ticket"; intent: Intent; ticket: IssuedTicket }
  | { kind: "refused"; intent: Intent; code: string };

export interface KioskState {
  screen: Screen;
  privilege: Privilege | null;
  large: boolean;
}

export type Step =
  | { do: "group"; group: string | null }
  | { do: "reasons" }
  | { do: "help" }
  | { do: "privilege"; privilege: Privilege | null }
  | { do: "large"; large: boolean }
  | { do: "issue"; intent: Intent }
  | { do: "issued"; intent: Intent; ticket: IssuedTicket }
  | { do: "refused"; intent: Intent; code: string }
  | { do: "start" };

export const start: KioskState = { screen: { kind: "services", group: null }, privilege: null, large: false };

export function step(state: KioskState, action: Step): KioskState {
  switch (action.do) {
    case "start":
      return start;
    case "group":
      return { ...state, screen: { kind: "services", group: action.group } };
    case "reasons":
      return { ...state, screen: { kind: "reasons" } };
    case "help":
      return { ...state, screen: { kind: "help" } };
    case "privilege":
      return { ...state, privilege: action.privilege, screen: { kind: "services", group: null } };
    case "large":
      return { ...state, large: action.large };
    case "issue":
      // A second tap while the first is under way changes nothing.
      return state.screen.kind === "issuing"
        ? state
        : { ...state, screen: { kind: "issuing", intent: action.intent } };
    case "issued":
      return waitsFor(state, action.intent)
        ? { ...state, screen: { kind: "ticket", intent: action.intent, ticket: action.ticket } }
        : state;
    case "refused":
      return waitsFor(state, action.intent)
        ? { ...state, screen: { kind: "refused", intent: action.intent, code: action.code } }
        : state;
  }
}

function waitsFor(state: KioskState, intent: Intent): boolean {
  return state.screen.kind === "issuing" && state.screen.intent.id === intent.id;
}
