import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoScroll, newPage, pair, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, talonBin } from "./talon";

describe.skipIf(!talonBin)("the kiosk (needs TALON_BIN)", () => {
  let talon: Talon;
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    [talon, browser] = await Promise.all([startTalon(), startBrowser()]);
    demo = await demoOf(talon);
  });
  afterAll(async () => {
    await browser?.close();
    await talon?.stop();
  });

  const openKiosk = async (width: number, height: number, query = "print=off") => {
    const { page, errors } = await newPage(browser, width, height);
    await pair(page, talon, "kiosk", demo.branch);
    await page.goto(`${talon.url}/kiosk/${demo.branch}?${query}`);
    await page.waitForSelector(".card");
    return { page, errors };
  };
  const toServices = async (page: Page) => {
    await page.locator(".card").first().click();
    await page.waitForSelector("nav.bottom button, .ticket");
  };
  const takeTicket = async (page: Page) => {
    await toServices(page);
    if (!(await page.locator(".ticket").count())) await page.locator(".card").first().click();
    await page.waitForSelector(".ticket .big");
  };

  it("opens from the printed address: the demo needs no code", async () => {
    const { page } = await newPage(browser, 1080, 1920);
    await page.goto(`${talon.url}/kiosk/${demo.branch}`);
    await page.getByRole("button", { name: "Подключить без кода" }).click();
    await page.waitForURL(`**/kiosk/${demo.branch}`);
    await page.waitForSelector(".card");
    await page.context().close();
  });

  it.each([
    [1080, 1920],
    [1280, 1024],
  ])("at %i×%i fits the screen, has large targets and is accessible", async (width, height) => {
    const { page, errors } = await openKiosk(width, height);
    for (const large of [false, true]) {
      if (large) await page.getByRole("button", { name: "Крупно" }).click();
      await expectNoScroll(page);
      await expectAccessible(page);
      const sizes = await page
        .locator("button")
        .evaluateAll(all => all.map(one => one.getBoundingClientRect().height));
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(88);
    }
    expect(errors).toEqual([]);
  });

  it("shows the number of the ticket with its place in the queue", async () => {
    const { page } = await openKiosk(1080, 1920);
    await takeTicket(page);
    expect(await page.locator(".ticket").getAttribute("data-number")).toMatch(/^[АВЕКМНРСТУХ]\d{3,}$/);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Готово" }).click();
    await page.waitForSelector(".card");
  });

  it("makes one ticket of two fast taps", async () => {
    const { page } = await openKiosk(1080, 1920);
    const keys: string[] = [];
    page.on("request", request => {
      const key = request.headers()["idempotency-key"];
      if (key) keys.push(key);
    });
    await toServices(page);
    await page
      .locator(".card")
      .first()
      .evaluate((card: HTMLElement) => {
        card.click();
        card.click();
      });
    await page.waitForSelector(".ticket .big");
    expect(new Set(keys).size).toBe(1);
  });

  it("speaks English when asked and goes back to Russian when left", async () => {
    const { page } = await openKiosk(1080, 1920, "print=off&idle=1&countdown=1");
    const russian = await page.title();
    await page.getByRole("button", { name: "English" }).click();
    expect(await page.getAttribute("html", "lang")).toBe("en");
    expect(await page.title()).not.toBe(russian);
    await page.waitForFunction(() => document.documentElement.lang === "ru", null, { timeout: 6000 });
    expect(await page.title()).toBe(russian);
  });

  it("shows the number even when printing fails", async () => {
    const { page } = await openKiosk(1080, 1920, "countdown=60");
    await page.evaluate(() => {
      window.print = () => {
        throw new Error("no paper");
      };
    });
    await takeTicket(page);
    await page.waitForSelector(".print.broken");
    expect(await page.locator(".ticket .big").textContent()).toMatch(/\d{3}/);
  });

  it("asks to see the staff when the server is gone", async () => {
    const other = await startTalon();
    const { page } = await newPage(browser, 1080, 1920);
    await pair(page, other, "kiosk", demo.branch);
    await page.goto(`${other.url}/kiosk/${demo.branch}?print=off`);
    await page.waitForSelector(".card");
    await other.stop();
    await page.getByText("Нет связи").waitFor({ timeout: 15_000 });
    expect(await page.locator(".card").count()).toBe(0);
  });
});
