import type { LocalText } from "../shared/i18n/text";
import type { Quote } from "./quote";

export type DayState = "NOT_OPENED" | "OPEN" | "INTAKE_PAUSED" | "CLOSED";

export interface BoardRow {
  ticketId: string;
  number: string;
  window: string;
  windowLabel: string;
  state: "CALLED" | "SERVING";
  attempt: number;
  calledAt: string;
  startedAt: string | null;
}

export interface BoardCall {
  eventId: string;
  ticketId: string;
  number: string;
  letter: string;
  seq: number;
  windowLabel: string;
  kind: "CALL" | "RECALL" | "TRANSFER";
  pastDue: boolean;
  at: string;
}

export interface BoardService {
  code: string;
  waiting: number;
  p50Seconds: number | null;
  p80Seconds: number | null;
  open: boolean;
}

/** What `/live/board/{branch}` sends, whole each time. */
export interface Board {
  position: string;
  branch: string;
  name: LocalText;
  businessDay: string | null;
  state: DayState;
  serverTime: string;
  waiting: number;
  quote: Quote | null;
  settingsVersion: number;
  catalogueVersion: number;
  rows: BoardRow[];
  calls: BoardCall[];
  services: BoardService[];
}

/** What `/api/v1/branches/{branch}` answers. */
export interface Catalogue {
  code: string;
  name: LocalText;
  address: string | null;
  timeZone: string;
  languages: string[];
  ticker: LocalText | null;
  settingsVersion: number;
  groups: CatalogueGroup[];
  classes: { code: string; name: LocalText; reasons: { code: string; name: LocalText }[] }[];
  opensAt: string | null;
  closesAt: string | null;
  nextOpening: string | null;
}

export interface CatalogueGroup {
  code: string;
  name: LocalText;
  letter: string;
  icon: string | null;
  services: { code: string; name: LocalText; normSeconds: number }[];
}
