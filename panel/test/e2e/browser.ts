import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
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
  // Pages laid over the server's own would count as strangers to it.
  ...(process.env.TALON_PANEL
    ? ["--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"]
    : []),
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
  await freshPanel(context);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", error => errors.push(error.message));
  page.on("console", message => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
  return { page, errors };
}

/**
 * With `TALON_PANEL=dist` the pages come from that folder instead of from inside the binary, under the headers the
 * binary sends, so a change of a page is tested without building the server anew.
 */
export async function freshPanel(context: BrowserContext): Promise<void> {
  const folder = process.env.TALON_PANEL;
  if (!folder) return;
  const read = (name: string) => readFileSync(join(folder, name));
  await context.route("**/assets/*", async (route, request) => {
    const name = new URL(request.url()).pathname.slice(1);
    const known = existsSync(join(folder, name));
    await route.fulfill(known ? { path: join(folder, name) } : { status: 404 });
  });
  await context.route(
    url => !/^\/(assets|api|auth|live|demo|graphql|voice)\b/.test(url.pathname),
    async (route, request) => {
      if (request.resourceType() !== "document") return route.fallback();
      const answer = await route.fetch({ maxRedirects: 0 });
      const sent = await answer.text();
      const entry = /\/assets\/([a-z]+)-[\w-]+\.js/.exec(sent)?.[1];
      if (!entry || !existsSync(join(folder, `${entry}.html`))) return route.fulfill({ response: answer });
      const nonce = /name="style-nonce" content="([^"]+)/.exec(sent)?.[1] ?? "";
      const body = read(`${entry}.html`)
        .toString()
        .replace('name="style-nonce" content="', `name="style-nonce" content="${nonce}`);
      await route.fulfill({ response: answer, body });
    },
  );
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
