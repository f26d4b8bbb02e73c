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
  page.on("console", message => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
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

/** The page fits the width of the screen. */
export async function expectNoSideways(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over).toBeLessThanOrEqual(0);
}

/** A page that is whole on a small phone and on a desk, in light and in dark, to every rule a machine can check. */
export async function expectGoodLooks(page: Page): Promise<void> {
  const before = page.viewportSize();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await expectNoSideways(page);
      await expectAccessible(page);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  if (before) await page.setViewportSize(before);
}

/** Signs a page in with an e-mail and a password. */
export async function signIn(page: Page, talon: Talon, email: string, password: string): Promise<void> {
  await page.goto(`${talon.url}/login?way=password`);
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForURL(url => !url.pathname.startsWith("/login"));
}
