import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, sentSince, startTalon, type Talon, talonBin } from "./talon";

describe.skipIf(!talonBin)("customers and their data (needs TALON_BIN)", () => {
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

  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();
  const dialog = (page: Page) => page.locator("dialog[open]");
  const confirm = (page: Page) => dialog(page).locator("[data-confirm]").click();

  const asCustomer = async (phone: string) => {
    const opened = await newPage(browser, 390, 800);
    const mark = talon.said().length;
    await opened.page.goto(`${talon.url}/login?way=phone`);
    await opened.page.getByLabel("Номер телефона").fill(phone);
    await press(opened.page, "Получить код");
    await opened.page.locator(".digits input").waitFor();
    await opened.page.locator(".digits input").fill(await sentSince(talon, mark, /\b(\d{6})\b/));
    await opened.page.keyboard.press("Enter");
    await opened.page.waitForURL(/\/me$/);
    await opened.page.getByText("Мои посещения").waitFor();
    return opened;
  };
  const asAdmin = async (path: string) => {
    const opened = await newPage(browser, 1280, 800);
    const person = demo.signIns.find(one => one.role === "admin");
    await signIn(opened.page, talon, person?.email ?? "", person?.password ?? "");
    await opened.page.goto(`${talon.url}${path}`);
    return opened;
  };

  it("a customer names themselves, takes a copy of everything and is erased", async () => {
    const { page, errors } = await asCustomer("+7 900 555-01-01");
    await expectGoodLooks(page);
    await page.getByLabel("Как к вам обращаться").fill("Галина Сергеевна");
    await press(page, "Сохранить");
    await page.getByText("Здравствуйте, Галина Сергеевна").waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Скачать мои данные")]);
    const copy = await readFile(await download.path(), "utf8");
    expect(copy).toContain("Галина Сергеевна");
    expect(copy).toContain("+79005550101");

    const mark = talon.said().length;
    await press(page, "Добавить почту");
    await expectGoodLooks(page);
    await dialog(page).getByLabel("Электронная почта").fill("galina@example.org");
    await page.keyboard.press("Enter");
    await dialog(page).locator(".digits input").waitFor();
    await dialog(page)
      .locator(".digits input")
      .fill(await sentSince(talon, mark, /\b(\d{6})\b/));
    await page.keyboard.press("Enter");
    await page.getByText("Добавлен контакт galina@example.org").waitFor();
    await page.getByRole("button", { name: "Убрать galina@example.org" }).waitFor();

    await press(page, "Стереть мои данные");
    expect(await dialog(page).locator("[data-confirm]").isDisabled()).toBe(true);
    await expectGoodLooks(page);
    await dialog(page).getByRole("textbox").fill("стереть");
    await confirm(page);
    await page.waitForURL(/\/login/);
    const again = await asCustomer("+7 900 555-01-01");
    expect(await again.page.getByText("Галина Сергеевна").count()).toBe(0);
    expect([...errors, ...again.errors]).toEqual([]);
  });

  it("staff find a customer as a pseudonym, see who it is for a reason, and erase them", async () => {
    const customer = await asCustomer("+7 900 555-02-02");
    await customer.page.getByLabel("Как к вам обращаться").fill("Пётр Ильич");
    await press(customer.page, "Сохранить");
    await customer.page.getByText("Здравствуйте, Пётр Ильич").waitFor();

    const { page, errors } = await asAdmin("/admin/customers");
    await page.getByLabel("Номер телефона").fill("8 900 555 02 02");
    await press(page, "Найти");
    await page.getByRole("button", { name: "Показать данные" }).waitFor();
    expect(await page.getByText("Пётр Ильич").count()).toBe(0);
    expect(page.url()).not.toContain("555");
    await expectGoodLooks(page);
    await press(page, "Показать данные");
    await dialog(page).getByLabel("Разбор жалобы").check();
    await confirm(page);
    await page.getByText("Пётр Ильич").waitFor();

    await page.getByRole("link", { name: /^Журнал: всё/ }).click();
    const revealed = page.locator(".entry", { hasText: "Показаны личные данные посетителя" });
    await revealed.first().waitFor();
    expect(await revealed.first().textContent()).not.toContain("Пётр");
    await page.goBack();
    await press(page, "Стереть данные");
    await confirm(page);
    await page.getByText("Данные этого человека стёрты").waitFor();
    await customer.page.reload();
    await customer.page.waitForURL(/\/login/);
    expect([...errors, ...customer.errors]).toEqual([]);
  });

  it("a text is published, agreed to, followed by another and asked about again", async () => {
    const admin = await asAdmin("/admin/consents");
    await press(admin.page, "Новое согласие");
    await dialog(admin.page).getByLabel("Для чего").fill("Reminders");
    await dialog(admin.page).getByLabel("Текст по-русски").fill("Согласен получать напоминания.");
    await dialog(admin.page).getByLabel("Текст по-английски").fill("I agree to get reminders.");
    await confirm(admin.page);
    const card = admin.page.locator(".card", { hasText: "Согласен получать напоминания." });
    await card.waitFor();
    await expectGoodLooks(admin.page);

    const customer = await asCustomer("+7 900 555-03-03");
    const mine = customer.page.locator(".consent", { hasText: "Согласен получать напоминания." });
    await mine.getByRole("button", { name: /Согласиться/ }).click();
    await mine.getByText(/Вы согласились/).waitFor();

    await card.getByRole("button", { name: /Новая версия/ }).click();
    await dialog(admin.page).getByLabel("Текст по-русски").fill("Согласен получать напоминания и новости.");
    await confirm(admin.page);
    await admin.page.getByText("Версия 2").waitFor();
    await customer.page.reload();
    const renewed = customer.page.locator(".consent", { hasText: "напоминания и новости" });
    await renewed.getByText(/Текст изменился/).waitFor();
    await renewed.getByRole("button", { name: /Отозвать/ }).click();
    await renewed.getByText(/Вы отозвали согласие/).waitFor();
    expect([...admin.errors, ...customer.errors]).toEqual([]);
  });
});
