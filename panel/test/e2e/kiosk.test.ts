import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectNoScroll, newPage, pair, startBrowser } from "./browser";
import { actorOf, type Demo, demoOf, startTalon, type Talon, talonBin } from "./talon";

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
    const isGood = async () => {
      await expectNoScroll(page);
      await expectAccessible(page);
      const heights = await page
        .locator("button")
        .evaluateAll(all => all.map(one => one.getBoundingClientRect().height));
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(88);
    };
    for (const large of [false, true]) {
      const grow = () => page.getByRole("button", { name: "Крупно" }).click();
      if (large) await grow();
      await isGood();
      await page.getByRole("button", { name: "Помощь" }).click();
      await isGood();
      await page.getByRole("button", { name: "Назад" }).click();
      await page
        .getByRole("button", { name: /Льготная|Ещё/ })
        .last()
        .click();
      await isGood();
      if (large) continue;
      await page.locator(".card").first().click();
      await isGood();
      await page.getByRole("button", { name: "Отменить льготу" }).click();
    }
    await page.reload();
    await page.waitForSelector(".card");
    await page.getByRole("button", { name: "Крупно" }).click();
    await takeTicket(page);
    await isGood();
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
    await expectNoScroll(page);
    expect(await page.locator(".ticket .big").textContent()).toMatch(/\d{3}/);
  });

  it("is whole by keyboard alone: the focus follows the screen to the ticket", async () => {
    const { page } = await openKiosk(1280, 1024, "print=off&countdown=60");
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    const tabTo = async (what: RegExp) => {
      for (let step = 0; step < 30; step++) {
        await page.keyboard.press("Tab");
        if (what.test(await focused())) return;
      }
      throw new Error(`no ${what} within reach of Tab`);
    };
    const group = (await page.locator(".card .name").first().textContent()) ?? "";
    await tabTo(new RegExp(group));
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
    expect(await focused()).toBe(group);
    const service = (await page.locator(".card .name").first().textContent()) ?? "";
    await page.keyboard.press("Tab");
    expect(await focused()).toContain(service);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".ticket .big");
    await tabTo(/^Готово/);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".card");
  });

  it("does not give the same service to the same hand within three seconds", async () => {
    const { page } = await openKiosk(1080, 1920);
    await toServices(page);
    const card = page.locator(".card").first();
    await card.click();
    const number = await page.locator(".ticket").getAttribute("data-number");
    await page.getByRole("button", { name: "Готово" }).click();
    await toServices(page);
    const locked = page.locator(".card[aria-disabled=true]");
    await locked.evaluate((same: HTMLElement) => same.click());
    await locked.waitFor({ state: "detached", timeout: 8000 });
    expect(await page.locator(".ticket").count()).toBe(0);
    await card.click();
    await page.waitForSelector(".ticket .big");
    expect(await page.locator(".ticket").getAttribute("data-number")).not.toBe(number);
  });

  it("large letters bring everything within a low reach of a tall screen", async () => {
    const { page } = await openKiosk(1080, 1920);
    const sizeOf = () =>
      page
        .locator(".card .name")
        .first()
        .evaluate(name => parseFloat(getComputedStyle(name).fontSize));
    const usual = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
    expect(await sizeOf()).toBeGreaterThan(usual);
    await page.getByRole("button", { name: "Льготная очередь" }).click();
    await page.locator(".card").first().click();
    await page.getByRole("button", { name: "Крупно" }).click();
    const large = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
    expect(large / usual).toBeGreaterThan(1.3);
    const tops = await page
      .locator("button")
      .evaluateAll(all => all.map(one => one.getBoundingClientRect().top));
    expect(Math.min(...tops)).toBeGreaterThanOrEqual(1920 / 3);
    await expectNoScroll(page);
    for (const name of ["Помощь", "Назад"]) {
      await page.getByRole("button", { name }).click();
      await expectNoScroll(page);
      await expectAccessible(page);
    }
  });

  it("an abandoned screen asks, then forgets the language, the large letters and the privilege", async () => {
    const { page } = await openKiosk(1080, 1920, "print=off&idle=2&countdown=2");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("button", { name: "Priority queue" }).click();
    await page.locator(".card").first().click();
    await page.getByRole("button", { name: "Large text" }).click();
    await page.getByRole("alertdialog").waitFor();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await page.getByRole("alertdialog").waitFor({ state: "detached" });
    expect(await page.locator(".privilege").count()).toBe(1);
    await page.waitForFunction(() => document.documentElement.lang === "ru", null, { timeout: 8000 });
    expect(await page.evaluate(() => document.documentElement.className)).toBe("");
    expect(await page.locator(".privilege").count()).toBe(0);
  });

  it("tells that intake is paused and serves again when it is not, without a reload", async () => {
    const { page, errors } = await openKiosk(1280, 1024);
    await page.evaluate(() => Object.assign(window, { samePage: true }));
    const head = await actorOf(talon, "head");
    await head("pauseIntake", `branch: "${demo.branch}", reason: "Очередь на улице"`);
    await page.getByText("Сейчас талоны не выдаются").waitFor({ timeout: 5000 });
    await expectAccessible(page);
    await expectNoScroll(page);
    await head("resumeIntake", `branch: "${demo.branch}"`);
    await page.waitForSelector(".card", { timeout: 5000 });
    expect(await page.evaluate(() => "samePage" in window)).toBe(true);
    expect(errors).toEqual([]);
  });

  it("asks to see the staff when the server is gone, and serves again when it is back", async () => {
    const other = await startTalon();
    const { page } = await newPage(browser, 1080, 1920);
    await pair(page, other, "kiosk", demo.branch);
    await page.goto(`${other.url}/kiosk/${demo.branch}?print=off`);
    await page.waitForSelector(".card");
    await page.evaluate(() => Object.assign(window, { samePage: true }));
    await other.stop();
    await page.getByText("Нет связи").waitFor({ timeout: 15_000 });
    expect(await page.locator(".card").count()).toBe(0);
    await expectAccessible(page);
    const back = await other.again();
    await page.waitForSelector(".card", { timeout: 20_000 });
    expect(await page.evaluate(() => "samePage" in window)).toBe(true);
    await takeTicket(page);
    await back.stop();
  });
});
