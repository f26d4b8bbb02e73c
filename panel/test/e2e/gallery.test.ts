import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, startBrowser } from "./browser";

const root = join(import.meta.dirname, "../..");
const pictures = join(import.meta.dirname, "../gallery");
/** `GALLERY=renew` takes the pictures anew, to be looked at and committed. */
const renew = process.env.GALLERY === "renew";
// Of all points of a picture; the edges of letters differ between machines.
const mostDifferent = 0.004;
const moment = new Date("2026-11-20T11:32:00Z");

describe("the gallery of components (development build)", () => {
  let browser: Browser;
  const servers: ViteDevServer[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    mkdirSync(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(servers.map(server => server.close()));
  });

  const open = async (config: string, colorScheme: "light" | "dark"): Promise<Page> => {
    const configFile = join(root, config);
    const server = await createServer({
      root,
      configFile,
      logLevel: "error",
      server: { port: 0, hmr: false },
    });
    servers.push(server);
    await server.listen();
    const context = await browser.newContext({
      viewport: { width: 1280, height: 1024 },
      locale: "ru-RU",
      timezoneId: "Europe/Moscow",
      colorScheme,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    await page.clock.setFixedTime(moment);
    await page.goto(`${server.resolvedUrls?.local[0]}dev/gallery?print=off`);
    await page.waitForSelector("[data-gallery]");
    await page.evaluate(() => document.fonts.ready);
    return page;
  };

  it.each([
    ["staff", "vite.staff.config.ts", "light"],
    ["staff", "vite.staff.config.ts", "dark"],
    ["hall", "vite.lite.config.ts", "light"],
  ] as const)(
    "%s (%s), %s: looks as it did",
    async (name, config, scheme) => {
      const page = await open(config, scheme);
      await expectAccessible(page);
      const parts = await page
        .locator("[data-gallery]")
        .evaluateAll(all => all.map(one => one.dataset.gallery));
      expect(parts.length).toBeGreaterThan(4);
      const changed: string[] = [];
      for (const part of parts) {
        const taken = await page
          .locator(`[data-gallery=${part}]`)
          .screenshot({ animations: "disabled", caret: "hide" });
        const file = join(pictures, `${name}-${part}-${scheme}.png`);
        if (renew) writeFileSync(file, taken);
        if (!existsSync(file)) {
          changed.push(`${file} is missing: GALLERY=renew takes it`);
          continue;
        }
        const share = await difference(page, readFileSync(file), taken);
        if (share > mostDifferent) changed.push(`${name}-${part}-${scheme}: ${(share * 100).toFixed(2)} %`);
      }
      expect(changed).toEqual([]);
      await page.context().close();
    },
    120_000,
  );
});

/** The share of points that differ clearly; all of them when the sizes do. */
async function difference(page: Page, one: Buffer, other: Buffer): Promise<number> {
  return page.evaluate(
    async ([left, right]) => {
      const points = async (text = "") => {
        const image = new Image();
        image.src = `data:image/png;base64,${text}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const pen = canvas.getContext("2d");
        pen?.drawImage(image, 0, 0);
        return {
          size: `${image.width}×${image.height}`,
          data: pen?.getImageData(0, 0, image.width, image.height).data,
        };
      };
      const [a, b] = [await points(left), await points(right)];
      if (a.size !== b.size || !a.data || !b.data) return 1;
      let different = 0;
      for (let at = 0; at < a.data.length; at += 4) {
        const apart = [0, 1, 2].some(
          part => Math.abs((a.data?.[at + part] ?? 0) - (b.data?.[at + part] ?? 0)) > 48,
        );
        if (apart) different++;
      }
      return different / (a.data.length / 4);
    },
    [one, other].map(picture => picture.toString("base64")),
  );
}
