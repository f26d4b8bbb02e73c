import { describe, expect, it } from "vitest";
import { instantIn } from "../../src/shared/time";
import { carriedOver, differences, flatten, unflatten } from "../../src/staff/features/admin/branches/flat";
import { pointOf } from "../../src/staff/features/admin/branches/place";
import { type BranchSettings, firstSettings } from "../../src/staff/features/admin/branches/settings";

const base = (): BranchSettings => ({
  ...firstSettings({ ru: "Центр", en: "Centre" }),
  ticker: { ru: "а", en: "a" },
  location: { latitude_e6: 1, longitude_e6: 2 },
  windows: [
    { id: "w1", label: "1", services: [] },
    { id: "a.b", label: "2", services: ["letters"] },
  ],
  quotas: { day: 100, services: { "letter.send": 5 } },
});

describe("settings as single values", () => {
  it("are whole again when they are put together", () => {
    const settings = base();
    settings.hours.exceptions = { "2026-12-31": [] };
    expect(unflatten(flatten(settings))).toEqual(settings);
  });

  it("keep what this page knows nothing of", () => {
    const settings = { ...base(), alerting: { level1: ["head"] } } as unknown as BranchSettings;
    expect(unflatten(flatten(settings))).toEqual(settings);
  });

  it("differ where they differ, and a thing that is gone is nothing there", () => {
    const after = { ...base(), ticker: undefined, calling: { ...base().calling, max_calls: 5 } };
    const found = new Map(differences(base(), after).map(one => [one.key, [one.before, one.after]]));
    expect(Object.fromEntries(found)).toEqual({
      "ticker.ru": ["а", undefined],
      "ticker.en": ["a", undefined],
      "calling.max_calls": [3, 5],
    });
    expect(differences(base(), base())).toEqual([]);
  });
});

describe("two people who edit one branch", () => {
  const [first, second] = base().windows;
  if (!first || !second) throw new Error("two windows");

  it("keep both what they changed", () => {
    const mine = { ...base(), phone: "112", windows: [first, { ...second, label: "7" }] };
    const theirs = {
      ...base(),
      public: false,
      windows: [...base().windows, { id: "w3", label: "3", services: [] }],
    };
    const joined = carriedOver(base(), mine, theirs);
    expect([joined.phone, joined.public]).toEqual(["112", false]);
    expect(joined.windows.map(one => one.label)).toEqual(["1", "7", "3"]);
  });

  it("where both changed the same, the one who publishes last decides", () => {
    const mine = { ...base(), phone: "112" };
    const theirs = { ...base(), phone: "101" };
    expect(carriedOver(base(), mine, theirs).phone).toBe("112");
  });

  it("do not bring back a window that one of them removed", () => {
    const mine = { ...base(), windows: [first] };
    const theirs = { ...base(), public: false };
    expect(carriedOver(base(), mine, theirs).windows).toEqual([first]);
  });
});

describe("a time by the branch's own clock", () => {
  it("is the instant at which that clock shows it", () => {
    expect(instantIn("Europe/Moscow", "2026-12-01T09:00")).toBe("2026-12-01T06:00:00.000Z");
    expect(instantIn("Asia/Vladivostok", "2026-12-01T09:00")).toBe("2026-11-30T23:00:00.000Z");
    // The night on which clocks go forward.
    expect(instantIn("Europe/Berlin", "2026-03-29T12:00")).toBe("2026-03-29T10:00:00.000Z");
    expect(instantIn("Europe/Moscow", "")).toBeNull();
  });
});

describe("a point on the map", () => {
  it("is read as maps give it to copy", () => {
    expect(pointOf("55.757930, 37.611430")).toEqual({ latitude_e6: 55757930, longitude_e6: 37611430 });
    expect(pointOf("-55.5 37")).toEqual({ latitude_e6: -55500000, longitude_e6: 37000000 });
    expect(pointOf("  ")).toBeUndefined();
    expect(pointOf("somewhere")).toBeNull();
  });
});
