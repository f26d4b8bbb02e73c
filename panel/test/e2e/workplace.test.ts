import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible, expectGoodLooks, newPage, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, takeTickets, talonBin } from "./talon";

describe.skipIf(!talonBin)("the workplace (needs TALON_BIN)", () => {
  let talon: Talon;
  let demo: Demo;
  let browser: Browser;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    [talon, browser] = await Promise.all([startTalon(), startBrowser()]);
    demo = await demoOf(talon);
    await takeTickets(talon, demo.branch, 16);
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map(context => context.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await talon?.stop();
  });

  const operators = () => demo.signIns.filter(one => one.role === "operator");
  const numberAt = async (page: Page) => (await page.locator(".current h1").textContent()) ?? "";
  /** The window is free and its main button has the focus, as after every step. */
  const free = async (page: Page) => {
    await page.waitForSelector(".current.idle");
    await page.waitForFunction(() => document.activeElement?.closest(".current") !== null);
  };

  /** Signs in and opens a free window with the keyboard alone. */
  const sitDown = async (index: number, at = talon): Promise<{ page: Page; errors: string[] }> => {
    const { page, errors } = await newPage(browser, 1366, 768);
    contexts.push(page.context());
    const person = operators().at(index);
    await page.goto(`${at.url}/operator`);
    await page.waitForSelector("input[name=email]");
    await page.focus("input[name=email]");
    await page.keyboard.type(person?.email ?? "");
    await page.keyboard.press("Tab");
    await page.keyboard.type(person?.password ?? "");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".windows, .work");
    if (!(await page.locator(".work").count())) {
      await tabTo(page, /свободно/);
      await page.keyboard.press("Enter");
      await tabTo(page, /^Открыть окно/);
      await page.keyboard.press("Enter");
    }
    await page.waitForSelector(".work .current");
    await clear(page);
    return { page, errors };
  };
  const tabTo = async (page: Page, what: RegExp) => {
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press("Tab");
      const text = await page.evaluate(() => (document.activeElement as HTMLElement | null)?.innerText ?? "");
      if (what.test(text)) return;
    }
    throw new Error(`no ${what} within reach of Tab`);
  };
  /** Ends what an earlier test left at the window. */
  const clear = async (page: Page) => {
    if (await page.locator(".current.called").count()) {
      await page.keyboard.press("F4");
      await page.waitForSelector(".current.serving");
    }
    if (await page.locator(".current.serving").count()) {
      await page.keyboard.press("F9");
      await page.waitForSelector("dialog[open]");
      await page.keyboard.press("Enter");
    }
    await free(page);
  };

  it("two operators who call in the same moment get two tickets", async () => {
    const one = await sitDown(0);
    const two = await sitDown(1);
    await Promise.all([one.page.keyboard.press("F2"), two.page.keyboard.press("F2")]);
    await Promise.all([one, two].map(({ page }) => page.waitForSelector(".current.called")));
    const numbers = await Promise.all([one, two].map(({ page }) => numberAt(page)));
    expect(new Set(numbers).size).toBe(2);
    // Each sees the other among the colleagues, with the ticket.
    await one.page.getByRole("tab", { name: "Коллеги" }).click();
    const row = one.page.locator(".colleagues li", { hasText: operators().at(1)?.name });
    await expect.poll(() => row.textContent()).toContain(numbers[1]);
    await expectGoodLooks(one.page);
    expect([...one.errors, ...two.errors]).toEqual([]);
  });

  it("everything is done by keyboard: hold, bring back, transfer, return, break, another service, a note", async () => {
    const { page, errors } = await sitDown(0);
    const { page: other } = await sitDown(1);
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    const held = await numberAt(page);
    await page.keyboard.press("F7");
    await page.waitForSelector("dialog[open]");
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await free(page);
    await expect.poll(() => page.getByRole("tab", { name: /Отложены/ }).textContent()).toContain("1");
    await tabTo(page, /^Ожидают/);
    await page.keyboard.press("ArrowRight");
    await tabTo(page, new RegExp(`^Вызвать\\s+${held}`));
    await page.keyboard.press("Enter");
    await page.waitForSelector(".current.called");
    expect(await numberAt(page)).toBe(held);

    // To a person, with a word: it waits for that person and the word is there.
    await page.keyboard.press("F8");
    await page.waitForSelector("dialog[open]");
    await page.getByLabel("Другому сотруднику").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type("просит Игоря");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await free(page);
    await other.locator(".queue tr", { hasText: held }).getByText("ко мне").waitFor();
    await other.keyboard.press("F2");
    await other.waitForSelector(".current.called");
    expect(await numberAt(other)).toBe(held);
    await other.locator(".notes", { hasText: "просит Игоря" }).waitFor();

    // Back into the queue through the menu of rare steps.
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    await page.keyboard.press("F10");
    await page.waitForSelector(".more ul");
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Enter");
    await free(page);

    // A break and the end of it, with the focus on the main button each time.
    await page.locator(".bar nav button").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Продолжить работу" }).waitFor();
    const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).innerText);
    await expect.poll(focused).toContain("Продолжить работу");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toContain("Вызвать следующего");
    expect(errors).toEqual([]);
  });

  it("undo puts a held ticket back at the window", async () => {
    const { page } = await sitDown(0);
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    const number = await numberAt(page);
    await page.keyboard.press("F7");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Enter");
    await free(page);
    await page.getByRole("button", { name: "Отменить" }).click();
    await page.waitForSelector(".current.called");
    expect(await numberAt(page)).toBe(number);
  });

  it("one window works in one tab", async () => {
    const { page } = await sitDown(0);
    const second = await page.context().newPage();
    await second.goto(`${talon.url}/operator`);
    await second.waitForSelector(".work");
    await page.getByText("Вы работаете в другой вкладке").waitFor();
    await page.bringToFront();
    await page.keyboard.press("F2");
    await expectAccessible(page);
    expect(await page.locator(".current.idle").count()).toBe(1);
    await page.getByRole("button", { name: "Работать здесь" }).click();
    await second.getByText("Вы работаете в другой вкладке").waitFor();
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
  });

  it("keeps the ticket while the server is gone, and sends the finish when it is back", async () => {
    const other = await startTalon();
    await takeTickets(other, demo.branch, 12);
    const { page } = await sitDown(0, other);
    await page.evaluate(() => Object.assign(window, { samePage: true }));
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    await page.keyboard.press("F4");
    await page.waitForSelector(".current.serving");
    const number = await numberAt(page);
    await other.stop();
    await page.locator(".offline").waitFor();
    await expectAccessible(page);
    expect(await numberAt(page)).toBe(number);
    const timer = page.locator(".timer b");
    const before = await timer.textContent();
    await expect.poll(() => timer.textContent()).not.toBe(before);
    const transfer = page.getByRole("button", { name: /^Передать/ });
    expect(await transfer.getAttribute("aria-disabled")).toBe("true");
    await page.keyboard.press("F9");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Enter");
    await page.getByText("Завершение приёма отправим сами").waitFor();

    const back = await other.again();
    await page.locator(".offline").waitFor({ state: "detached", timeout: 60_000 });
    await page.waitForSelector(".current.idle .act:not([aria-disabled])", { timeout: 20_000 });
    await page.keyboard.press("F2");
    await page.waitForSelector(".current.called");
    expect(await numberAt(page)).not.toBe(number);
    expect(await page.evaluate(() => "samePage" in window)).toBe(true);
    await back.stop();
  });

  it("is compact for those who like it, and stays so", async () => {
    const { page } = await sitDown(0);
    const rowHeight = () =>
      page
        .locator(".queue tbody tr")
        .first()
        .evaluate(row => row.getBoundingClientRect().height);
    await page.waitForSelector(".queue tbody tr");
    const usual = await rowHeight();
    await page.keyboard.press("F1");
    await page.getByLabel(/^Плотно/).check();
    await page.keyboard.press("Escape");
    expect(await rowHeight()).toBeLessThan(usual);
    await page.reload();
    await page.waitForSelector(".work.compact .queue tbody tr");
    await expectGoodLooks(page);
  });
});
