import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, signIn, startBrowser } from "./browser";
import { demoOf, startTalon, type Talon, talonBin } from "./talon";

describe.skipIf(!talonBin)("other systems (needs TALON_BIN)", () => {
  let talon: Talon;
  let browser: Browser;

  beforeAll(async () => {
    [talon, browser] = await Promise.all([startTalon(), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await talon?.stop();
  });

  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();

  it("a system is added, its key is shown once, a test says how it went, and it is removed", async () => {
    const { page, errors } = await newPage(browser, 1280, 800);
    const person = (await demoOf(talon)).signIns.find(one => one.role === "admin");
    await signIn(page, talon, person?.email ?? "", person?.password ?? "");
    await page.goto(`${talon.url}/admin/integrations`);
    await press(page, "Добавить систему");
    const dialog = page.locator("dialog[open]");
    await dialog.getByLabel("Адрес").fill("http://127.0.0.1:9/hook");
    await dialog.getByLabel("Талоны").check();
    await dialog.locator("[data-confirm]").click();
    // Private addresses are refused where the house has not allowed them.
    await dialog.locator(".failure:not([hidden])").waitFor();
    const url = "https://hooks.example.org/talon";
    await dialog.getByLabel("Адрес").fill(url);
    await expectGoodLooks(page);
    await dialog.locator("[data-confirm]").click();
    await dialog.locator(".secret code").waitFor();
    expect((await dialog.locator(".secret code").textContent())?.length).toBeGreaterThan(20);
    await press(page, "Ключ сохранён");
    await page.getByRole("heading", { name: url }).waitFor();

    await press(page, "Проверить");
    // Whether it was reached or not, it is told.
    await page.locator(".entry .lines li").first().waitFor();
    await expectGoodLooks(page);
    await press(page, "Выключить");
    await page.locator(".tag", { hasText: "выключена" }).waitFor();
    await press(page, "Убрать");
    await dialog.locator("[data-confirm]").click();
    await page.getByText("Пока никому не сообщаем").waitFor();
    expect(errors).toEqual([]);
  });
});
