import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BoardCall } from "../../src/lite/board-feed";
import { everyClip, numberClips, phrase } from "../../src/lite/phrases";

const call: BoardCall = {
  eventId: "1",
  ticketId: "t",
  number: "А015",
  letter: "А",
  seq: 15,
  windowLabel: "3",
  kind: "CALL",
  pastDue: false,
  at: "2026-11-20T09:00:00Z",
};

describe("numbers as clips", () => {
  it.each([
    [0, ["0"]],
    [5, ["5"]],
    [15, ["15"]],
    [20, ["20"]],
    [42, ["40", "2"]],
    [105, ["100", "5"]],
    [999, ["900", "90", "9"]],
    [1000, ["thousand-one"]],
    [1001, ["thousand-one", "1"]],
    [2345, ["2f", "thousand-few", "300", "40", "5"]],
    [5000, ["5", "thousand-many"]],
    [11_000, ["11", "thousand-many"]],
    [21_000, ["20", "1f", "thousand-one"]],
    [112_013, ["100", "12", "thousand-many", "13"]],
  ])("%i in Russian", (number, clips) => expect(numberClips(number, "ru")).toEqual(clips));

  it.each([
    [42, ["40", "2"]],
    [105, ["1", "hundred", "5"]],
    [1000, ["1", "thousand"]],
    [2345, ["2", "thousand", "3", "hundred", "40", "5"]],
  ])("%i in English", (number, clips) => expect(numberClips(number, "en")).toEqual(clips));
});

describe("phrases", () => {
  it("a call: «Талон А, пятнадцать. Пройдите к окну номер три.»", () =>
    expect(phrase(call, "ru", false)).toEqual(["ticket", "letter-a", "15", "go-window", "3"]));

  it("a recall: «Повторно приглашается талон А, пятнадцать. Окно номер три.»", () =>
    expect(phrase({ ...call, kind: "RECALL" }, "ru", false)).toEqual([
      "again",
      "letter-a",
      "15",
      "again-window",
      "3",
    ]));

  it("a transfer: «Талон А, пятнадцать, вас ожидают в окне номер пять.»", () =>
    expect(phrase({ ...call, kind: "TRANSFER", windowLabel: "5" }, "ru", false)).toEqual([
      "ticket",
      "letter-a",
      "15",
      "expected-window",
      "5",
    ]));

  it("who waited too long is thanked first", () =>
    expect(phrase({ ...call, pastDue: true }, "ru", false)[0]).toBe("thanks"));

  it("the short form: «А сто пять. Окно три.»", () =>
    expect(phrase({ ...call, seq: 105 }, "ru", true)).toEqual(["letter-a", "100", "5", "window", "3"]));

  it("a room is not called a window, and a letter after its number is said", () =>
    expect(phrase({ ...call, windowLabel: "каб. 7А" }, "ru", false)).toEqual([
      "ticket",
      "letter-a",
      "15",
      "go-room",
      "7",
      "letter-a",
    ]));
});

describe.each(["ru", "en"] as const)("the voice pack in %s", language => {
  const exists = (name: string) =>
    existsSync(join(process.cwd(), "public/voice", name === "chime" ? "ru" : language, `${name}.ogg`));

  it("has every clip it names", () => expect(everyClip(language).filter(name => !exists(name))).toEqual([]));

  it("can say every number of a day, every letter and every kind of call", () => {
    const missing = new Set<string>();
    const kinds = ["CALL", "RECALL", "TRANSFER"] as const;
    for (let seq = 1; seq <= 3000; seq++) {
      const letter = "АВЕКМНРСТУХ"[seq % 11] ?? "А";
      const kind = kinds[seq % 3] ?? "CALL";
      for (const clip of phrase(
        { ...call, seq, letter, kind, pastDue: true, windowLabel: `${seq % 120}` },
        language,
        false,
      ))
        if (!exists(clip)) missing.add(clip);
    }
    expect([...missing]).toEqual([]);
  });
});
