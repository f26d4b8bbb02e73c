import type { Board, Catalogue } from "../board-feed";
import type { IssuedTicket } from "../kiosk/issue";

/** The gallery's moment: nothing in it moves, so that its pictures can be compared. */
export const now = Date.parse("2026-11-20T11:32:00Z");

const text = (ru: string, en: string) => ({ ru, en });

export const catalogue: Catalogue = {
  code: "centre",
  name: text("Отделение № 1 «Центральное»", "Branch No. 1 “Central”"),
  address: "Почтовая ул., 1",
  timeZone: "Europe/Moscow",
  languages: ["ru", "en"],
  ticker: null,
  settingsVersion: 1,
  groups: [
    {
      code: "mail",
      name: text("Письма и посылки", "Letters and parcels"),
      letter: "А",
      icon: "parcel",
      services: [
        { code: "letter", name: text("Отправить письмо", "Send a letter"), normSeconds: 90 },
        { code: "parcel", name: text("Получить посылку", "Collect a parcel"), normSeconds: 120 },
      ],
    },
    {
      code: "money",
      name: text("Денежные переводы", "Money transfers"),
      letter: "К",
      icon: "banknote",
      services: [
        { code: "send", name: text("Отправить перевод", "Send money"), normSeconds: 180 },
        { code: "receive", name: text("Получить перевод", "Receive money"), normSeconds: 120 },
      ],
    },
  ],
  classes: [
    {
      code: "privileged",
      name: text("Льгота", "Priority"),
      reasons: [
        { code: "veteran", name: text("Ветеран или участник войны", "War veteran") },
        { code: "disabled", name: text("Инвалид I или II группы", "Person with a disability") },
        { code: "infant", name: text("Посетитель с младенцем", "Visitor with an infant") },
      ],
    },
  ],
  opensAt: "2026-11-20T06:00:00Z",
  closesAt: "2026-11-20T17:00:00Z",
  nextOpening: "2026-11-21T06:00:00Z",
};

const service = (code: string, waiting: number, p80Seconds: number | null, open = true) => ({
  code,
  waiting,
  p50Seconds: p80Seconds,
  p80Seconds,
  open,
});

export const board: Board = {
  position: "1",
  branch: "centre",
  name: catalogue.name,
  businessDay: "2026-11-20",
  state: "OPEN",
  serverTime: "2026-11-20T11:32:00Z",
  waiting: 7,
  quote: null,
  settingsVersion: 1,
  catalogueVersion: 0,
  rows: [],
  calls: [],
  services: [
    service("letter", 4, 540),
    service("parcel", 0, 0),
    service("send", 3, 1500),
    service("receive", 0, null, false),
  ],
};

export const ticket: IssuedTicket = {
  ticketId: "1",
  number: "А105",
  ahead: 4,
  quote: null,
  issuedAt: "2026-11-20T11:32:00Z",
  token: "token",
  url: "https://example.org/t/token",
  qr: '<svg viewBox="0 0 21 21"><path d="M0 0h7v7H0zM14 0h7v7h-7zM0 14h7v7H0zM9 9h3v3H9zM14 14h3v3h-3zM18 18h3v3h-3z"/></svg>',
};
