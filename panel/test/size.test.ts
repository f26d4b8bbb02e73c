import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const dist = join(import.meta.dirname, "..", "dist");
// Kilobytes of script and style, gzipped, that one page may cost.
const budgets = { index: 25, board: 25, kiosk: 30, ticket: 45, pair: 25, staff: 180 };

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

describe.skipIf(!existsSync(dist))("the size of a page (after npm run build)", () => {
  it.each(Object.entries(budgets))("%s stays within %i kB", (page, budget) => {
    const bytes = [...filesOf(page)]
      .map(name => gzipSync(readFileSync(join(dist, "assets", name)), { level: 9 }).length)
      .reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(3000);
    expect(bytes / 1000).toBeLessThanOrEqual(budget);
  });

  it("every asset has its compressed twins", () => {
    for (const page of Object.keys(budgets))
      for (const name of filesOf(page))
        for (const twin of [".br", ".gz"]) expect(existsSync(join(dist, "assets", name + twin))).toBe(true);
  });
});
