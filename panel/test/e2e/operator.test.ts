import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, newPage, pair, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, takeTickets, talonBin } from "./talon";

interface Speech {
  id: string;
  at: number;
}

describe.skipIf(!talonBin)("the operator and the board (needs TALON_BIN)", () => {
  let talon: Talon;
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    [talon, browser] = await Promise.all([startTalon(), startBrowser()]);
    demo = await demoOf(talon);
    await takeTickets(talon, demo.branch, 12);
  });
  afterAll(async () => {
    await browser?.close();
    await talon?.stop();
  });

  const signIn = async () => {
    const { page, errors } = await newPage(browser, 1366, 768);
    const person = demo.signIns.filter(one => one.role === "operator").at(-1);
    await page.goto(`${talon.url}/operator`);
    await page.fill("input[name=email]", person?.email ?? "");
    await page.fill("input[name=password]", person?.password ?? "");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".windows, .work");
    return { page, errors };
  };
  const openWindow = async (page: Page) => {
    if (await page.locator(".work").count()) return;
    await page.locator(".windows button").first().click();
    await page.locator(".go button").click();
    const ask = page.locator("dialog [data-confirm]");
    await page.waitForSelector(".work, dialog[open]");
    if (await ask.count()) await ask.click();
    await page.waitForSelector(".work");
  };
  const main = (page: Page) => page.locator(".current .act, .current > .mantine-Button-root").first();

  it("serves a ticket by keyboard alone: F2, F4, F9, Enter", async () => {
    const { page, errors } = await signIn();
    await expectAccessible(page);
    await openWindow(page);
    await page.waitForSelector(".current.idle");
    await expectAccessible(page);

    let calls = 0;
    page.on("request", request => {
      if (request.postData()?.includes("mutation CallNext")) calls++;
    });
    await page.keyboard.press("F2");
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    expect(calls).toBe(1);
    await expect.poll(() => main(page).evaluate(button => button === document.activeElement)).toBe(true);
    await expectAccessible(page);
    const noShow = page.getByRole("button", { name: "Не явился" });
    expect(await noShow.getAttribute("aria-disabled")).toBe("true");

    await page.keyboard.press("F4");
    await page.waitForSelector(".current.serving");
    expect(await page.title()).toMatch(/^● 0:\d\d /);
    await page.keyboard.press("F9");
    await page.waitForSelector("dialog[open]");
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".current.idle");
    await page.getByRole("button", { name: "Отменить" }).click();
    await page.waitForSelector(".current.serving");
    await page.keyboard.press("F9");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".current.idle");
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("a call is on the board within a second and spoken once", async () => {
    const { page: board, errors } = await newPage(browser, 1920, 1080);
    await pair(board, talon, "board", demo.branch);
    await board.goto(`${talon.url}/board/${demo.branch}`);
    await board.waitForSelector(".side .count");
    await board.evaluate(() => {
      const log: Speech[] = [];
      const note = () =>
        log.push({ id: document.documentElement.dataset.speaking ?? "", at: performance.now() });
      (window as unknown as { speech: Speech[] }).speech = log;
      if (document.documentElement.dataset.speaking) note();
      new MutationObserver(note).observe(document.documentElement, { attributeFilter: ["data-speaking"] });
    });

    const { page } = await signIn();
    await openWindow(page);
    await page.waitForSelector(".current.idle");
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    const number = (await page.locator(".current h1").textContent()) ?? "";
    const started = Date.now();
    await board.locator(".fresh .number", { hasText: number }).waitFor({ timeout: 5000 });
    expect(Date.now() - started).toBeLessThan(1500);
    await expectAccessible(board);
    // A call taken back and made again is a second event, to be spoken too.
    await page.getByRole("button", { name: "Отменить" }).click();
    await page.waitForSelector(".current.idle");
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");

    const speech = () => board.evaluate(() => (window as unknown as { speech: Speech[] }).speech);
    const whole = async () => (await speech()).filter(one => one.id === "").length;
    await expect.poll(whole, { timeout: 40_000 }).toBeGreaterThanOrEqual(2);
    const log = await speech();
    // Starts and ends take turns, and no event is begun twice.
    for (const [index, one] of log.entries()) expect(one.id === "").toBe(index % 2 === 1);
    const begun = log.filter(one => one.id !== "");
    expect(new Set(begun.map(one => one.id)).size).toBe(begun.length);
    // The clips really sounded: the second phrase was heard from its start.
    expect((log[3]?.at ?? 0) - (log[2]?.at ?? 0)).toBeGreaterThan(1500);
    expect(errors).toEqual([]);
  });

  it("a lost server is told on the board within seconds, and the rows stay", async () => {
    const other = await startTalon();
    const { page } = await newPage(browser, 1920, 1080);
    await page.goto(`${other.url}/board/${demo.branch}`);
    await page.waitForSelector(".side .count");
    await other.stop();
    await page.waitForSelector(".offline", { timeout: 8000 });
    expect(await page.locator(".side .time").count()).toBe(1);
  });
});
