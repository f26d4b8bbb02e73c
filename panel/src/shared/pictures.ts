/** How a stroke of a picture is drawn; `pictures.css` gives each its colour, so one drawing serves light and dark. */
export type Tone = "ground" | "soft" | "card" | "accent" | "line" | "thin" | "call" | "on";

/** The house's own drawings on a 200×140 field: what stands where there is nothing to show. */
export const pictures = {
  /** Nobody waits: three empty chairs under a clock. */
  chairs: [
    ["ground", "M18 122h164a4 4 0 0 1 0 8H18a4 4 0 0 1 0-8Z"],
    ["soft", "M100 8a22 22 0 1 1 0 44 22 22 0 0 1 0-44Z"],
    ["line", "M100 8a22 22 0 1 1 0 44 22 22 0 0 1 0-44ZM100 18v12l8 5"],
    ["accent", "M32 66h32a6 6 0 0 1 6 6v20H26V72a6 6 0 0 1 6-6Z"],
    ["accent", "M84 66h32a6 6 0 0 1 6 6v20H78V72a6 6 0 0 1 6-6Z"],
    ["accent", "M136 66h32a6 6 0 0 1 6 6v20h-44V72a6 6 0 0 1 6-6Z"],
    ["card", "M22 92h52v8H22ZM74 92h52v8H74ZM126 92h52v8h-52Z"],
    ["line", "M22 92h156v8H22ZM32 100v22M64 100v22M84 100v22M116 100v22M136 100v22M168 100v22"],
  ],
  /** Nothing put aside: an empty tray. */
  tray: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["soft", "M66 18h68a6 6 0 0 1 6 6v60H60V24a6 6 0 0 1 6-6Z"],
    ["thin", "M74 36h52M74 50h52M74 64h30"],
    ["card", "M36 76h38l8 14h36l8-14h38l6 46H30Z"],
    ["line", "M36 76h38l8 14h36l8-14h38l6 46H30ZM60 76V24a6 6 0 0 1 6-6h68a6 6 0 0 1 6 6v52"],
    ["accent", "M92 104h16a4 4 0 0 1 0 8H92a4 4 0 0 1 0-8Z"],
  ],
  /** Nothing found: a magnifier over a sheet. */
  search: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["card", "M44 16h72l20 20v86H44Z"],
    ["line", "M44 16h72l20 20v86H44ZM116 16v20h20"],
    ["thin", "M60 50h50M60 66h34M60 82h22"],
    ["soft", "M118 62a28 28 0 1 1 0 56 28 28 0 0 1 0-56Z"],
    ["line", "M118 62a28 28 0 1 1 0 56 28 28 0 0 1 0-56Z"],
    ["accent", "m139 107 5-5 22 21a3.5 3.5 0 0 1-5 5Z"],
    ["thin", "M104 84a16 16 0 0 1 14-9"],
  ],
  /** The line is down: a plug out of its socket. */
  unplugged: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["line", "M8 96c26 0 20-34 46-34M192 96c-26 0-20-34-46-34"],
    ["accent", "M54 46h22a6 6 0 0 1 6 6v20a6 6 0 0 1-6 6H54a6 6 0 0 1-6-6V52a6 6 0 0 1 6-6Z"],
    ["line", "M82 55h12M82 69h12"],
    ["card", "M124 44h22a6 6 0 0 1 6 6v24a6 6 0 0 1-6 6h-22a6 6 0 0 1-6-6V50a6 6 0 0 1 6-6Z"],
    [
      "line",
      "M124 44h22a6 6 0 0 1 6 6v24a6 6 0 0 1-6 6h-22a6 6 0 0 1-6-6V50a6 6 0 0 1 6-6ZM126 55h8M126 69h8",
    ],
    ["call", "m100 14 6 16-6 2 4 12-12-18 6-2-4-10ZM98 104l-4-14 6-2-2-10 10 16-6 2 4 8Z"],
  ],
  /** Closed: the sign on the door. */
  closed: [
    ["ground", "M28 124h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["soft", "M56 10h88a6 6 0 0 1 6 6v108H50V16a6 6 0 0 1 6-6Z"],
    ["card", "M62 22h76v102H62Z"],
    ["line", "M50 124V16a6 6 0 0 1 6-6h88a6 6 0 0 1 6 6v108M62 124V22h76v102"],
    ["thin", "M80 56l20-18 20 18"],
    ["accent", "M74 56h52a5 5 0 0 1 5 5v22a5 5 0 0 1-5 5H74a5 5 0 0 1-5-5V61a5 5 0 0 1 5-5Z"],
    ["on", "M82 72h36"],
    ["line", "M128 100v8"],
  ],
  /** For now no new ones: an hourglass. */
  pause: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["soft", "M100 16a50 50 0 1 1 0 100 50 50 0 0 1 0-100Z"],
    ["card", "M76 30h48v10c0 14-16 18-16 26s16 12 16 26v10H76V92c0-14 16-18 16-26s-16-12-16-26Z"],
    ["accent", "M84 44h32c-3 8-14 12-16 20-2-8-13-12-16-20ZM84 98c2-9 12-8 16-16 4 8 14 7 16 16Z"],
    [
      "line",
      "M70 28h60M70 104h60M76 30v10c0 14 16 18 16 26s-16 12-16 26v12M124 30v10c0 14-16 18-16 26s16 12 16 26v12",
    ],
  ],
  /** All given out: a roll of tickets at its end. */
  soldOut: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["soft", "M74 20a36 36 0 1 1 0 72 36 36 0 0 1 0-72Z"],
    ["card", "M74 42a14 14 0 1 1 0 28 14 14 0 0 1 0-28Z"],
    ["line", "M74 20a36 36 0 1 1 0 72 36 36 0 0 1 0-72ZM74 42a14 14 0 1 1 0 28 14 14 0 0 1 0-28Z"],
    [
      "accent",
      "M104 76h58a6 6 0 0 1 6 6v6a7 7 0 0 0 0 14v6a6 6 0 0 1-6 6h-58a6 6 0 0 1-6-6v-6a7 7 0 0 0 0-14v-6a6 6 0 0 1 6-6Z",
    ],
    ["on", "M118 95h32"],
  ],
  /** A page or a branch that is not there: a signpost. */
  signpost: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["line", "M100 12v110"],
    ["accent", "M62 22h64l16 14-16 14H62a4 4 0 0 1-4-4V26a4 4 0 0 1 4-4Z"],
    ["card", "M138 60H74L58 74l16 14h64a4 4 0 0 0 4-4V64a4 4 0 0 0-4-4Z"],
    ["line", "M138 60H74L58 74l16 14h64a4 4 0 0 0 4-4V64a4 4 0 0 0-4-4Z"],
    ["on", "M74 36h40"],
    ["thin", "M84 74h40"],
    ["soft", "M30 122c0-16 10-24 18-24s14 8 14 24ZM146 122c0-10 6-16 12-16s12 6 12 16Z"],
  ],
  /** Not for this person: a lock. */
  lock: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["line", "M78 60V44a22 22 0 0 1 44 0v16"],
    ["accent", "M66 58h68a8 8 0 0 1 8 8v48a8 8 0 0 1-8 8H66a8 8 0 0 1-8-8V66a8 8 0 0 1 8-8Z"],
    ["on", "M100 82v16"],
    ["soft", "M24 122c0-14 8-20 14-20s12 6 12 20ZM152 122c0-18 9-26 16-26s14 8 14 26Z"],
  ],
  /** It went wrong here: a ticket torn in two. */
  torn: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    ["accent", "M34 42h58l-8 12 10 12-10 12 8 18H34a6 6 0 0 1-6-6V82a12 12 0 0 0 0-24V48a6 6 0 0 1 6-6Z"],
    ["card", "M112 34h54a6 6 0 0 1 6 6v10a12 12 0 0 0 0 24v10a6 6 0 0 1-6 6h-58l-8-18 10-12-10-12Z"],
    ["line", "M112 34h54a6 6 0 0 1 6 6v10a12 12 0 0 0 0 24v10a6 6 0 0 1-6 6h-58l-8-18 10-12-10-12Z"],
    ["on", "M44 62h24M44 76h16"],
    ["thin", "M124 54h32M124 68h22"],
  ],
  /** Done and past: a ticket with a tick. */
  done: [
    ["ground", "M28 122h144a4 4 0 0 1 0 8H28a4 4 0 0 1 0-8Z"],
    [
      "card",
      "M46 28h108a8 8 0 0 1 8 8v16a14 14 0 0 0 0 28v16a8 8 0 0 1-8 8H46a8 8 0 0 1-8-8V80a14 14 0 0 0 0-28V36a8 8 0 0 1 8-8Z",
    ],
    [
      "line",
      "M46 28h108a8 8 0 0 1 8 8v16a14 14 0 0 0 0 28v16a8 8 0 0 1-8 8H46a8 8 0 0 1-8-8V80a14 14 0 0 0 0-28V36a8 8 0 0 1 8-8Z",
    ],
    ["accent", "M100 40a26 26 0 1 1 0 52 26 26 0 0 1 0-52Z"],
    ["on", "m88 67 8 8 17-17"],
  ],
} as const satisfies Record<string, readonly (readonly [Tone, string])[]>;

export type PictureName = keyof typeof pictures;
