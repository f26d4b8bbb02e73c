import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { describe, expect, it } from "vitest";

type Texts = Record<string, string>;

const locales = join(process.cwd(), "locales");
const files = readdirSync(join(locales, "ru"));
const read = (language: string, file: string): Texts =>
  JSON.parse(readFileSync(join(locales, language, file), "utf8"));
const forms = { ru: ["one", "few", "many", "other"], en: ["one", "other"] };

function plurals(text: string): string[] {
  const found: string[] = [];
  for (let at = text.indexOf("plural,"); at >= 0; at = text.indexOf("plural,", at + 1)) {
    let depth = 1;
    let end = at;
    while (depth > 0 && end < text.length) {
      const sign = text[end++];
      if (sign === "{") depth++;
      if (sign === "}") depth--;
    }
    found.push(text.slice(at, end));
  }
  return found;
}

const values = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map(match => match[1]))].sort();

describe("texts", () => {
  it("English has the same files as Russian", () => expect(readdirSync(join(locales, "en"))).toEqual(files));

  describe.each(files)("%s", file => {
    const ru = read("ru", file);
    const en = read("en", file);

    it("has every key in both languages", () =>
      expect(Object.keys(en).sort()).toEqual(Object.keys(ru).sort()));

    it("has no empty text", () =>
      expect(Object.entries({ ...ru, ...en }).filter(([, text]) => text.trim() === "")).toEqual([]));

    it("takes the same values in both languages", () => {
      for (const id of Object.keys(ru))
        expect([id, values(en[id] ?? "")]).toEqual([id, values(ru[id] ?? "")]);
    });

    it.each(["ru", "en"] as const)("has every plural form in %s", language => {
      for (const [id, text] of Object.entries(language === "ru" ? ru : en)) {
        expect(() => compileMessage(text)).not.toThrow();
        for (const plural of plurals(text))
          for (const form of forms[language])
            expect(`${id}: ${plural}`).toMatch(new RegExp(`\\b${form} \\{`));
      }
    });

    it("English is not left in Russian", () => {
      const left = Object.entries(en).filter(([id, text]) => /[а-яё]/i.test(text) && id !== "language.ru");
      expect(left).toEqual([]);
    });
  });

  it("every text is used", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter(path => /\.tsx?$/.test(path) && !path.includes("generated"))
      .map(path => readFileSync(join("src", path), "utf8"))
      .join("\n");
    // Looked up by names that come from the server.
    const computed = /^(language|role|event|field|actor|purpose|visit|weak|fault|set|day)\./;
    const unused = files
      .flatMap(file => Object.keys(read("ru", file)))
      .filter(id => !computed.test(id) && !sources.includes(`"${id}"`));
    expect(unused).toEqual([]);
  });
});
