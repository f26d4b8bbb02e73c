import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const assets = () => readdirSync(join(dist, "assets"));
const isLite = (name: string) => !name.startsWith("staff");

describe.skipIf(!existsSync(dist))("old browsers of kiosks and boards (after npm run build)", () => {
  it("every lite script parses as ES2020", () => {
    for (const name of assets().filter(one => one.endsWith(".js") && isLite(one)))
      parse(readFileSync(join(dist, "assets", name), "utf8"), { ecmaVersion: 2020, sourceType: "module" });
  });

  it("lite styles use nothing Chrome 80 lacks", () => {
    for (const name of assets().filter(one => one.endsWith(".css") && isLite(one))) {
      const css = readFileSync(join(dist, "assets", name), "utf8");
      expect(css).not.toMatch(/@layer|@container|:has\(|:is\(|:where\(|[^-]inset\s*:|aspect-ratio/);
      // `gap` of grids is old, that of flex boxes is not; the prefixed name tells which is meant.
      expect(css).not.toMatch(/[;{](row-|column-)?gap\s*:/);
    }
  });

  it("pages carry no inline script or style, so a strict policy holds", () => {
    for (const name of readdirSync(dist).filter(one => one.endsWith(".html"))) {
      const html = readFileSync(join(dist, name), "utf8");
      expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
    }
  });
});

describe("packages", () => {
  interface Lock {
    packages: Record<string, { engines?: { node?: string }; dev?: boolean }>;
  }
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const lock: Lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const pins = { ...manifest.dependencies, ...manifest.devDependencies } as Record<string, string>;

  it("are pinned exactly", () => {
    for (const [name, version] of Object.entries(pins))
      expect(`${name}@${version}`).toMatch(/@\d+\.\d+\.\d+$/);
  });

  it("run on Node 20", () => {
    const wanted = Object.keys(pins).map(name => [
      name,
      lock.packages[`node_modules/${name}`]?.engines?.node ?? "*",
    ]);
    const refused = wanted.filter(
      ([, range]) => !/\*|(^|[\^~>= |])(0|[1-9]|1\d|20)(\.|\b)/.test(range ?? "*"),
    );
    expect(refused).toEqual([]);
  });
});
