import type { BranchView, TicketView, WindowView } from "../features/operator/types";
import type { Work } from "../features/operator/work";

/** The gallery's moment: nothing in it moves, so that its pictures can be compared. */
export const now = Date.parse("2026-11-20T11:32:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

const text = (ru: string, en: string) => ({ ru, en });

export const branch = {
  code: "centre",
  name: text("Отделение № 1", "Branch No. 1"),
  timeZone: "Europe/Moscow",
  services: [
    {
      code: "parcel",
      name: text("Получить посылку", "Collect a parcel"),
      groupName: text("Посылки", "Parcels"),
      letter: "А",
      normSeconds: 180,
      enabled: true,
    },
    {
      code: "letter",
      name: text("Отправить письмо", "Send a letter"),
      groupName: text("Письма", "Letters"),
      letter: "К",
      normSeconds: 90,
      enabled: true,
    },
  ],
  classes: [{ code: "privileged", name: text("Льгота", "Priority") }],
  windows: [],
  day: { state: "OPEN", quote: { p80Seconds: 720 } },
  outcomes: [{ code: "done", name: text("Услуга оказана", "Served") }],
  parkReasons: [{ code: "form", name: text("Заполняет бланк", "Fills in a form") }],
  refuseReasons: [],
  pickReasons: [],
  breakReasons: [{ code: "lunch", name: text("Обед", "Lunch") }],
} as unknown as BranchView;

export function ticket(number: string, more: Partial<TicketView> = {}): TicketView {
  return {
    id: number,
    number,
    state: "WAITING",
    class: "standard",
    services: ["parcel"],
    current: "parcel",
    language: "ru",
    partySize: 1,
    issuedAt: ago(760),
    dueAt: ago(-300),
    attempts: 1,
    calledAt: ago(42),
    lastCallAt: ago(42),
    startedAt: null,
    returns: 0,
    escalation: 0,
    channel: "KIOSK",
    notes: [],
    ...more,
  } as TicketView;
}

export function window(state: WindowView["state"], more: Partial<WindowView> = {}): WindowView {
  return {
    code: "w3",
    label: "3",
    branch: "centre",
    state,
    services: ["parcel", "letter"],
    skills: ["parcel", "letter"],
    operator: { id: "me", name: "Анна Сергеевна Полякова" },
    ticket: null,
    next: null,
    undo: null,
    ...more,
  } as WindowView;
}

const queue = [
  ticket("К043", { current: "letter", class: "privileged", issuedAt: ago(840) }),
  ticket("А106", { issuedAt: ago(551), dueAt: ago(60) }),
  ticket("А107", { issuedAt: ago(320), pinnedWindow: "w3", returns: 1 }),
  ticket("А099", { state: "PARKED", parkReason: "form" }),
];

export const work = (tickets: TicketView[] = queue): Work => ({
  branch,
  code: "w3",
  window: window("FREE"),
  queue: { position: "1", tickets: new Map(tickets.map(one => [one.id, one])) },
  problem: null,
  clearProblem: () => {},
  said: "",
  busy: false,
  // Nothing in the gallery asks the server.
  acts: {} as Work["acts"],
});

export const atWindow = {
  called: window("CALLING", { ticket: ticket("А105") }),
  serving: window("SERVING", {
    ticket: ticket("А105", {
      startedAt: ago(100),
      class: "privileged",
      language: "en",
      partySize: 3,
      notes: [{ at: ago(60), text: "Паспорт проверен", by: { id: "me", name: "Анна Полякова" } }],
    }),
  }),
  near: window("SERVING", { ticket: ticket("К012", { startedAt: ago(80), current: "letter" }) }),
  over: window("SERVING", { ticket: ticket("А105", { startedAt: ago(260), returns: 1 }) }),
  paused: window("PAUSED", { pauseReason: "lunch", pausedUntil: ago(-1680) }),
  free: window("FREE", {
    next: {
      ticket: ticket("К043", { current: "letter" }),
      decision: {
        candidates: 14,
        rank: 1,
        dueAt: ago(-60),
        explanation: text("Срок К 043 наступает раньше всех.", "К 043 is due before all others."),
        overtaken: [{ ticketId: "a", number: "А104", dueAt: ago(-120) }],
      },
    } as WindowView["next"],
  }),
  undo: window("FREE", {
    undo: {
      eventId: "e",
      kind: "ticket.no_show",
      ticketNumber: "А105",
      until: ago(-8),
    } as WindowView["undo"],
  }),
};
