import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import type { Talon } from "./talon";

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

export function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? usual.find(path => existsSync(path));
  return chromium.launch({ executablePath, headless: true, args: flags });
}

/** A fresh browser profile, with every error of the page collected. */
export async function newPage(
  browser: Browser,
  width: number,
  height: number,
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width, height }, locale: "ru-RU" });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", error => errors.push(error.message));
  return { page, errors };
}

/** Makes the page's browser a paired device, as the front page of the demo does. */
export async function pair(page: Page, talon: Talon, kind: "kiosk" | "board", branch: string): Promise<void> {
  await page.context().request.post(`${talon.url}/demo/pair`, { data: { kind, branch } });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

interface Violation {
  id: string;
  nodes: { target: string[] }[];
}

/** No rule of WCAG 2.2 AA that a machine can check is broken. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(
    tags =>
      (window as unknown as { axe: { run: (o: unknown) => Promise<{ violations: Violation[] }> } }).axe
        .run({ runOnly: tags })
        .then(result =>
          result.violations.map(
            one => `${one.id}: ${one.nodes.map(node => node.target.join(" ")).join(", ")}`,
          ),
        ),
    rules,
  );
  expect(violations).toEqual([]);
}

/** Nothing of the page is out of sight. */
export async function expectNoScroll(page: Page): Promise<void> {
  const hidden = await page.evaluate(() =>
    [...document.querySelectorAll("html, body, .kiosk, main")]
      .filter(box => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1)
      .map(
        box =>
          `${box.tagName} ${box.scrollWidth}×${box.scrollHeight} in ${box.clientWidth}×${box.clientHeight}`,
      ),
  );
  expect(hidden).toEqual([]);
}
