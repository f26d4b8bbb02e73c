import { beforeAll, describe, expect, it } from "vitest";
import en from "../../src/shared/i18n/generated/login.en.json";
import ru from "../../src/shared/i18n/generated/login.ru.json";
import shellEn from "../../src/shared/i18n/generated/staff.en.json";
import shellRu from "../../src/shared/i18n/generated/staff.ru.json";
import { addTexts, startTexts } from "../../src/shared/i18n/text";
import { consentsShown } from "../../src/staff/features/account/consents";
import { codeFor } from "../../src/staff/features/admin/code";
import { families } from "../../src/staff/features/admin/integrations/families";
import { sectionsFor } from "../../src/staff/features/admin/sections";
import { isScopeEmpty, scopeInput } from "../../src/staff/features/admin/staff/scope";
import { problemText } from "../../src/staff/ui/problem";

describe("a code out of a name", () => {
  it.each([
    ["Hall cashier", [], "hall-cashier"],
    ["Старший кассир!", [], "starshiy-kassir"],
    ["Cashier", ["cashier", "cashier-2"], "cashier-3"],
    ["東", [], "new"],
  ])("%s → %s", (name, taken, code) => expect(codeFor(name, taken)).toBe(code));
});

describe("a scope as commands take it", () => {
  const chosen = { regions: ["north"], branches: ["centre"] };

  it("is one of the three, whatever else was ticked before", () => {
    expect(scopeInput({ of: "organisation", ...chosen })).toEqual({ organisation: true });
    expect(scopeInput({ of: "regions", ...chosen })).toEqual({ regions: ["north"] });
    expect(scopeInput({ of: "branches", ...chosen })).toEqual({ branches: ["centre"] });
  });

  it("of no branch at all is not a scope", () => {
    expect(isScopeEmpty({ of: "branches", regions: ["north"], branches: [] })).toBe(true);
    expect(isScopeEmpty({ of: "organisation", regions: [], branches: [] })).toBe(false);
  });
});

describe("the sections somebody sees", () => {
  it("are those of their permissions, in the order of the menu", () => {
    const codes = (permissions: string[]) => sectionsFor(permissions).map(one => one.code);
    expect(codes(["READ_HISTORY", "MANAGE_DEVICES"])).toEqual(["devices", "journal"]);
    expect(codes(["CALL_CUSTOMERS"])).toEqual([]);
  });
});

describe("families of events", () => {
  it("are named once each", () =>
    expect(families(["ticket.called", "ticket.issued", "day.opened"])).toEqual(["ticket", "day"]));
});

describe("what a customer agreed to", () => {
  const text = (purpose: string, version: number) => ({
    purpose,
    version,
    text: { ru: purpose, en: purpose },
    required: false,
  });
  const said = (purpose: string, textVersion: number, withdrawnAt: string | null = null) => ({
    purpose,
    textVersion,
    givenAt: "2026-11-01T10:00:00Z",
    withdrawnAt,
  });
  const states = (list: ReturnType<typeof consentsShown>) => list.map(one => [one.purpose, one.state]);

  it("is asked again when the text has changed", () =>
    expect(states(consentsShown([text("news", 2)], [said("news", 1)]))).toEqual([["news", "old"]]));

  it("is nothing, given or withdrawn", () =>
    expect(
      states(
        consentsShown(
          [text("a", 1), text("b", 1), text("c", 1)],
          [said("b", 1), said("c", 1, "2026-11-02T10:00:00Z")],
        ),
      ),
    ).toEqual([
      ["a", "none"],
      ["b", "given"],
      ["c", "withdrawn"],
    ]));

  it("can still be withdrawn when the house no longer asks for it", () =>
    expect(states(consentsShown([], [said("gone", 3), said("over", 1, "2026-11-02T10:00:00Z")]))).toEqual([
      ["gone", "given"],
    ]));
});

describe("a problem in words", () => {
  beforeAll(() => {
    startTexts({ ru: shellRu, en: shellEn }, "ru");
    addTexts({ ru, en });
  });
  const problem = (code: string, more = {}) => ({
    status: 422,
    code,
    detail: "",
    field: null,
    retryAfterSeconds: null,
    more: {},
    ...more,
  });

  it("known codes are said in the language of the page, in the words of the place", () => {
    expect(problemText(problem("WEAK_PASSWORD"))).toMatch(/легко подобрать/);
    expect(problemText(problem("WRONG_DETAILS"), { WRONG_DETAILS: "code.wrong" })).toMatch(/^Код не подошёл/);
  });

  it("a weak password is told what would make it better", () => {
    expect(problemText(problem("WEAK_PASSWORD", { more: { hint: "DATE" } }))).toMatch(/^Даты/);
    expect(problemText(problem("WEAK_PASSWORD", { more: { hint: "NEW_ONE" } }))).toMatch(/легко подобрать/);
  });

  it("a wait is told in seconds, whatever its code", () =>
    expect(problemText(problem("ANY", { status: 429, retryAfterSeconds: 21 }))).toMatch(/через 21 секунду$/));

  it("an unknown code brings its own words, or at least its name", () => {
    expect(problemText(problem("NEW", { detail: "Так нельзя" }))).toBe("Так нельзя");
    expect(problemText(problem("NEW"))).toBe("Не получилось (NEW)");
    expect(problemText(null)).toMatch(/^Сервер не отвечает/);
  });
});
