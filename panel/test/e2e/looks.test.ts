import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoSideways, newPage, pair, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, takeTickets, talonBin } from "./talon";

/** From the smallest phone still used to a 4K wall. */
const widths = [320, 390, 768, 1280, 1920, 3840];

/** Every page, in both languages, in light and in dark, at every width: whole, readable and open to everybody. */
describe.skipIf(!talonBin)("every page (needs TALON_BIN)", () => {
  let talon: Talon;
  let demo: Demo;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    [talon, browser] = await Promise.all([startTalon(), startBrowser()]);
    demo = await demoOf(talon);
    [token = ""] = await takeTickets(talon, demo.branch, 6, one => one.token);
  });
  afterAll(async () => {
    await browser?.close();
    await talon?.stop();
  });

  const settled = (page: Page) =>
    page.waitForFunction(() => !document.querySelector(".skeleton") && document.querySelector("h1"));

  /** Draws what is open in all ways; `inLanguage` brings the page up in the language asked for. */
  const lookAt = async (page: Page, inLanguage: (language: "ru" | "en") => Promise<unknown>) => {
    for (const language of ["ru", "en"] as const) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: "light" });
      await inLanguage(language);
      await settled(page);
      expect(await page.getAttribute("html", "lang")).toBe(language);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
      }
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        await expectNoSideways(page);
        if (width === 320) await expectAccessible(page);
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
  };
  const goTo = (page: Page, path: string) => (language: "ru" | "en") =>
    page.goto(`${talon.url}${path}${path.includes("?") ? "&" : "?"}lang=${language}`);

  it.each(["/", "/login", "/login?way=password", "/pair"])("%s", async path => {
    const { page, errors } = await newPage(browser, 1280, 900);
    await lookAt(page, goTo(page, path));
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("a ticket's own page", async () => {
    const { page, errors } = await newPage(browser, 1280, 900);
    await lookAt(page, goTo(page, `/t/${token}`));
    await lookAt(page, goTo(page, "/t/no-such-ticket"));
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("the workplace", async () => {
    const { page, errors } = await newPage(browser, 1280, 900);
    const person = demo.signIns.find(one => one.role === "operator");
    await signIn(page, talon, person?.email ?? "", person?.password ?? "");
    const open = (language: "ru" | "en") =>
      goTo(page, "/operator")(language).then(() => page.waitForSelector(".windows"));
    await lookAt(page, open);
    await page.locator(".windows button").first().click();
    await page.locator(".go button").click();
    await page.waitForSelector(".current.idle");
    const again = (language: "ru" | "en") =>
      goTo(page, "/operator")(language).then(() => page.waitForSelector(".current"));
    await lookAt(page, again);
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    await lookAt(page, again);
    await page.keyboard.press("F4");
    await page.waitForSelector(".current.serving");
    await lookAt(page, again);
    for (const [key, shown] of [
      ["F1", "dialog"],
      ["F7", "dialog"],
      ["F8", "dialog"],
      ["F9", "dialog"],
      ["F10", ".more ul"],
    ] as const) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.keyboard.press(key);
      await page.waitForSelector(shown);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
      }
      await page.setViewportSize({ width: 320, height: 700 });
      await expectNoSideways(page);
      await page.keyboard.press("Escape");
      await page.waitForSelector(shown, { state: "detached" });
    }
    expect(errors).toEqual([]);
    await page.context().close();
  }, 240_000);

  it("the administration, section by section, and one's own page", async () => {
    const { page, errors } = await newPage(browser, 1280, 900);
    const person = demo.signIns.find(one => one.role === "admin");
    await signIn(page, talon, person?.email ?? "", person?.password ?? "");
    await page.goto(`${talon.url}/admin`);
    await page.waitForSelector("nav a[href^='/admin/']");
    const links = await page
      .locator("nav a[href^='/admin/']")
      .evaluateAll(all => all.map(one => one.getAttribute("href") ?? ""));
    const sections = [...new Set(links)];
    expect(sections.length).toBeGreaterThanOrEqual(7);
    for (const path of [...sections, "/me"]) await lookAt(page, goTo(page, path));
    expect(errors).toEqual([]);
  }, 400_000);

  it("the board on screens of all sizes shows its rows without a scroll", async () => {
    const { page, errors } = await newPage(browser, 1920, 1080);
    await pair(page, talon, "board", demo.branch);
    await page.goto(`${talon.url}/board/${demo.branch}`);
    await page.waitForSelector(".side .count");
    for (const [width, height] of [
      [1280, 720],
      [1920, 1080],
      [3840, 2160],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expectNoSideways(page);
      await expectAccessible(page);
      const below = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
      expect(below).toBeLessThanOrEqual(0);
    }
    expect(errors).toEqual([]);
  });
});
