import { beforeAll, describe, expect, it } from "vitest";
import en from "../../src/shared/i18n/generated/journal.en.json";
import ru from "../../src/shared/i18n/generated/journal.ru.json";
import { startTexts } from "../../src/shared/i18n/text";
import { changesOf } from "../../src/staff/features/admin/journal/changes";
import { noFilters, toFilter } from "../../src/staff/features/admin/journal/filter";
import { eventWords, valueWords } from "../../src/staff/features/admin/journal/words";

const name = (ru: string) => ({ ru, en: ru });

describe("what a fact changed", () => {
  it("a fact without an old value states its fields", () =>
    expect(changesOf({ session: "s-1" })).toEqual([{ field: "session", now: "s-1" }]));

  it("the fields that stood before are compared, and those that stayed are left out", () =>
    expect(
      changesOf({
        position: "clerk",
        name: name("Оператор"),
        skills: ["letters", "parcels"],
        was: { name: name("Оператор"), skills: ["letters"] },
      }),
    ).toEqual([
      { field: "skills", was: ["letters"], now: ["letters", "parcels"] },
      { field: "position", now: "clerk" },
    ]));

  it("a whole thing is compared field by field with the one before", () =>
    expect(
      changesOf({ service: { id: "letters", norm_s: 300 }, was: { id: "letters", norm_s: 240 } }),
    ).toEqual([{ field: "norm_s", was: 240, now: 300 }]));

  it("a name in two languages is one value", () =>
    expect(changesOf({ region: "north", name: name("Север"), was: name("Северный") })).toEqual([
      { field: "region", now: "north" },
      { field: "name", was: name("Северный"), now: name("Север") },
    ]));

  it("a scope is one value", () => {
    const everywhere = { of: "organisation" };
    const one = { of: "branches", branches: ["centre"] };
    expect(changesOf({ role: "head", scope: everywhere, was: one })).toEqual([
      { field: "role", now: "head" },
      { field: "scope", was: one, now: everywhere },
    ]);
  });

  it("a list is replaced by a list, a word by the last word", () => {
    expect(changesOf({ skills: ["a"], was: [] })).toEqual([{ field: "skills", was: [], now: ["a"] }]);
    expect(changesOf({ branch: "centre", region: "north", was: "south" })).toEqual([
      { field: "branch", now: "centre" },
      { field: "region", was: "south", now: "north" },
    ]);
  });

  it("what left shows what it was", () => {
    expect(changesOf({ region: "north", was: name("Север") })).toEqual([
      { field: "region", now: "north" },
      { field: "was", was: name("Север") },
    ]);
    expect(changesOf({ role: "cashier", was: { name: name("Кассир"), permissions: ["X"] } })).toEqual([
      { field: "role", now: "cashier" },
      { field: "name", was: name("Кассир") },
      { field: "permissions", was: ["X"] },
    ]);
    // The branch left its region for none: the old value has no counterpart.
    expect(changesOf({ branch: "centre", was: "south" })).toEqual([
      { field: "branch", now: "centre" },
      { field: "was", was: "south" },
    ]);
  });
});

describe("the words of the journal", () => {
  beforeAll(() => {
    startTexts({ ru, en }, "ru");
  });

  it("names events, and shows the name of one it has no words for", () => {
    expect(eventWords("staff.role_granted")).toBe("Дана роль");
    expect(eventWords("something.new")).toBe("something.new");
  });

  it("says values as people do and hides sealed ones", () => {
    expect(valueWords(name("Север"))).toBe("Север");
    expect(valueWords({ key: "person-1", value: "AAEC" })).toBe("скрыто");
    expect(valueWords({ of: "branches", branches: ["centre", "north"] })).toBe("centre, north");
    expect(valueWords({ of: "organisation" })).toBe("вся организация");
    expect(valueWords([])).toBe("нет");
    expect(valueWords(true)).toBe("да");
  });

  it("a last day is a whole day", () => {
    const filter = toFilter({ ...noFilters, from: "2026-11-20", to: "2026-11-20" });
    expect(Date.parse(filter.to ?? "") - Date.parse(filter.from ?? "")).toBe(86_400_000);
    expect(filter.actor).toBeUndefined();
  });
});
