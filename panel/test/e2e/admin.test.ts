import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, talonBin } from "./talon";

describe.skipIf(!talonBin)("the administration (needs TALON_BIN)", () => {
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

  const open = async (role: string): Promise<{ page: Page; errors: string[] }> => {
    const opened = await newPage(browser, 1280, 800);
    const person = demo.signIns.find(one => one.role === role);
    await signIn(opened.page, talon, person?.email ?? "", person?.password ?? "");
    return opened;
  };
  const section = (page: Page, name: string) => page.getByRole("link", { name, exact: true }).click();

  it("an administrator connects a device, sees it alive and cuts it off", async () => {
    const { page, errors } = await open("admin");
    await section(page, "Устройства");
    await page.getByLabel("Название").fill("Табло у входа");
    await page.getByLabel("Вид").selectOption("BOARD");
    await page.getByRole("button", { name: "Получить код" }).click();
    const code = await page.locator(".code-shown b").textContent();
    expect(code).toMatch(/^\d{6}$/);
    await expectGoodLooks(page);

    const board = await newPage(browser, 1280, 720);
    await board.page.goto(`${talon.url}/pair`);
    await board.page.getByLabel("Код").fill(code ?? "");
    await board.page.keyboard.press("Enter");
    await board.page.waitForURL(/\/board\//);

    const row = page.getByRole("row", { name: /Табло у входа/ });
    await row.getByText("на связи").waitFor({ timeout: 15_000 });
    await row.getByRole("button", { name: /Переименовать/ }).click();
    await page.locator("dialog[open] input").fill("Табло в зале");
    await page.locator("dialog [data-confirm]").click();
    const renamed = page.getByRole("row", { name: /Табло в зале/ });
    await renamed.getByRole("button", { name: /Отключить/ }).click();
    await page.waitForSelector("dialog[open]");
    await expectGoodLooks(page);
    await page.locator("dialog [data-confirm]").click();
    await renamed.getByText("отключено").waitFor();
    expect(errors).toEqual([]);
  });

  it("the journal shows who did what and keeps the whole record at hand", async () => {
    const { page, errors } = await open("admin");
    await section(page, "Журнал");
    await page.locator(".entry").first().waitFor();
    await page.getByLabel("Событие").selectOption({ label: "Вход в систему" });
    await page.locator(".entry", { hasText: "Вход в систему" }).first().waitFor();
    expect(await page.locator(".entry", { hasNotText: "Вход в систему" }).count()).toBe(0);
    await page.locator(".entry summary").first().click();
    expect(await page.locator(".entry pre").first().textContent()).toContain("staff.session_started");
    await expectGoodLooks(page);
    expect(errors).toEqual([]);
  });

  it("shows an auditor the journal and no devices, and an operator nothing", async () => {
    const auditor = await open("auditor");
    await auditor.page.waitForURL(/\/admin\/\w+/);
    const links = await auditor.page.getByRole("navigation").getByRole("link").allTextContents();
    expect(links).toContain("Журнал");
    expect(links).not.toContain("Устройства");
    await auditor.page.goto(`${talon.url}/admin/devices`);
    await auditor.page.getByText("Такой страницы нет").waitFor();

    const operator = await open("operator");
    await operator.page.goto(`${talon.url}/admin`);
    await operator.page.getByText("Этот раздел вам не открыт").waitFor();
  });
});
