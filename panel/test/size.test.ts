import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const dist = join(import.meta.dirname, "..", "dist");
// Kilobytes of script and style, gzipped, that one page may cost.
const budgets = { index: 25, board: 25, kiosk: 30, ticket: 45, pair: 25, staff: 160 };
// The staff shell together with the chunk of one group of its pages.
const staffBudgets = { "login-pages": 174, "account-pages": 172, "operator-home": 180, "admin-pages": 165 };

/** Everything a page loads before it is drawn: what its html names and what those files import. */
function filesOf(page: string): Set<string> {
  const files = new Set<string>();
  const take = (text: string) => {
    for (const [, name] of text.matchAll(/["'](?:\/assets\/|\.\/)([\w-]+\.(?:js|css))["']/g)) {
      if (!name || files.has(name) || !existsSync(join(dist, "assets", name))) continue;
      files.add(name);
      if (name.endsWith(".js")) take(staticImports(readFileSync(join(dist, "assets", name), "utf8")));
    }
  };
  take(readFileSync(join(dist, `${page}.html`), "utf8"));
  return files;
}

const staticImports = (code: string) => [...code.matchAll(/(?:from|import)\s*["'][^"']+["']/g)].join("\n");

const weight = (files: Iterable<string>) =>
  [...files]
    .map(name => gzipSync(readFileSync(join(dist, "assets", name)), { level: 9 }).length)
    .reduce((sum, size) => sum + size, 0) / 1000;

/** What the shell names to load together with a chunk of its pages. */
function filesWith(chunk: string): string[] {
  const [, entry = ""] = /src="\/assets\/([^"]+)"/.exec(readFileSync(join(dist, "staff.html"), "utf8")) ?? [];
  const code = readFileSync(join(dist, "assets", entry), "utf8");
  const [, list = "[]"] = /m\.f=(\[[^\]]*\])/.exec(code) ?? [];
  const all: string[] = JSON.parse(list);
  const load = new RegExp(
    `import\\([\`"'][^\`"']*${chunk}[^)]*\\)(?:\\.then\\([^)]*\\))?,__vite__mapDeps\\((\\[[^\\]]*\\])\\)`,
  ).exec(code);
  const numbers: number[] = JSON.parse(load?.[1] ?? "[]");
  return numbers.map(number => (all[number] ?? "").replace("assets/", ""));
}

describe.skipIf(!existsSync(dist))("the size of a page (after npm run build)", () => {
  it.each(Object.entries(budgets))("%s stays within %i kB", (page, budget) => {
    expect(weight(filesOf(page))).toBeGreaterThan(3);
    expect(weight(filesOf(page))).toBeLessThanOrEqual(budget);
  });

  it.each(Object.entries(staffBudgets))("the staff shell with %s stays within %i kB", (chunk, budget) => {
    const own = filesWith(chunk);
    expect(own.some(name => name.includes(chunk))).toBe(true);
    expect(weight(new Set([...filesOf("staff"), ...own]))).toBeLessThanOrEqual(budget);
  });

  it("every asset has its compressed twins", () => {
    for (const page of Object.keys(budgets))
      for (const name of filesOf(page))
        for (const twin of [".br", ".gz"]) expect(existsSync(join(dist, "assets", name + twin))).toBe(true);
  });
});
