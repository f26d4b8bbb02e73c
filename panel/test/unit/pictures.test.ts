import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pictures } from "../../src/shared/pictures";

const css = readFileSync(join(import.meta.dirname, "../../src/shared/style/pictures.css"), "utf8");

describe("the drawings", () => {
  it.each(Object.entries(pictures))(
    "%s stays within its field and has a colour for every stroke",
    (_name, strokes) => {
      for (const [tone, path] of strokes) {
        expect(css).toContain(`.picture .p-${tone} {`);
        // Absolute starts only; the curves that follow are short.
        for (const [, x, y] of path.matchAll(/M(-?[\d.]+)[ ,](-?[\d.]+)/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(0);
          expect(Number(x)).toBeLessThanOrEqual(200);
          expect(Number(y)).toBeGreaterThanOrEqual(0);
          expect(Number(y)).toBeLessThanOrEqual(140);
        }
      }
    },
  );
});
