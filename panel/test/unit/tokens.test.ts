import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { theme } from "../../src/staff/theme";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../../src", path), "utf8");
const tokens = read("shared/style/tokens.css");

/** The custom properties of the first block that follows `selector`. */
function block(css: string, selector: string): Record<string, string> {
  const from = css.indexOf("{", css.indexOf(selector)) + 1;
  const body = css.slice(from, css.indexOf("}", from));
  return Object.fromEntries(
    [...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]),
  );
}

const light = block(tokens, ":root {");
const dark = block(tokens, ':root[data-mantine-color-scheme="dark"] {');

/** Relative luminance as WCAG defines it. */
function luminance(hex: string): number {
  const long = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(at => {
    const part = Number.parseInt(long.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

describe("the colours", () => {
  it("have a dark value wherever they have a light one", () => {
    const colours = Object.keys(light).filter(name => !["--radius", "--font"].includes(name));
    expect(Object.keys(dark).sort()).toEqual(colours.sort());
  });

  it("are the same in the dark of public pages as in the dark of the staff", () => {
    expect(block(read("shared/style/dark-public.css"), ":root {")).toEqual(dark);
  });

  it("of the component library are those of the theme", () => {
    const written = block(read("staff/mantine.css"), ":root {");
    for (const [shade, colour] of (theme.colors?.blue ?? []).entries())
      expect(written[`--mantine-color-blue-${shade}`]).toBe(colour);
    expect(theme.colors?.blue?.[8]).toBe(light["--primary"]);
  });

  const pairs = [
    ["--ink", "--page"],
    ["--ink", "--card"],
    ["--ink", "--field"],
    ["--ink-soft", "--page"],
    ["--ink-soft", "--card"],
    ["--primary", "--card"],
    ["--primary", "--page"],
    ["--primary", "--primary-soft"],
    ["--primary-dark", "--primary-soft"],
    ["--call-ink", "--call"],
    ["--danger", "--card"],
    ["--danger-ink", "--danger-soft"],
    ["--strong-ink", "--strong"],
  ] as const;
  it.each(pairs)("%s can be read on %s, in light and in dark", (ink, ground) => {
    for (const set of [light, dark])
      expect(contrast(set[ink] ?? "", set[ground] ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  it("white can be read on every filled button", () => {
    for (const set of [light, dark])
      for (const fill of ["--primary-fill", "--primary-fill-hover", "--danger-fill", "--danger-fill-hover"])
        expect(contrast("#fff", set[fill] ?? "")).toBeGreaterThanOrEqual(4.5);
  });

  it("are named in one place: no other sheet of the staff or the public carries colours of its own", () => {
    const sheets = ["lite/style/sheet.css", "lite/home/home.css", "lite/ticket/ticket.css"].concat(
      ["shell", "forms", "dialog", "start", "work", "current", "queue"].map(
        name => `staff/styles/${name}.css`,
      ),
      ["admin/admin.css", "account/account.css"].map(name => `staff/features/${name}`),
    );
    for (const sheet of sheets)
      expect(
        `${sheet} ${
          read(sheet)
            .match(/#[0-9a-f]{3,8}\b(?!fff)/gi)
            ?.filter(one => one !== "#fff") ?? ""
        }`,
      ).toBe(`${sheet} `);
  });
});
