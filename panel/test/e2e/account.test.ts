import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, talonBin } from "./talon";
import { nextTotp, totp } from "./totp";

describe.skipIf(!talonBin)("one's own account (needs TALON_BIN)", () => {
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

  const personOf = (role: string) =>
    demo.signIns.find(one => one.role === role) ?? { email: "", password: "" };
  const open = async (role: string, password?: string): Promise<{ page: Page; errors: string[] }> => {
    const opened = await newPage(browser, 1280, 800);
    const person = personOf(role);
    await signIn(opened.page, talon, person.email, password ?? person.password);
    await opened.page.goto(`${talon.url}/me`);
    await opened.page.locator(".lines li").first().waitFor();
    return opened;
  };
  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();
  const confirm = (page: Page) => page.locator("dialog[open] [data-confirm]").click();
  const fillSignIn = async (page: Page, email: string, password: string) => {
    await page.goto(`${talon.url}/login?way=password`);
    await page.fill("input[name=email]", email);
    await page.fill("input[name=password]", password);
    await page.keyboard.press("Enter");
  };

  it("two-step sign-in is switched on, asked for, survives a lost phone and is switched off", async () => {
    const { email, password } = personOf("analyst");
    const { page, errors } = await open("analyst");
    await press(page, "Включить вход в два шага");
    await page.locator("dialog[open] input").fill("не тот пароль");
    await confirm(page);
    await page.getByText("Пароль не подошёл").waitFor();
    await page.locator("dialog[open] input").fill(password);
    await confirm(page);
    await page.locator(".svg-picture").waitFor();
    const secret = (await page.locator(".secret code").first().textContent()) ?? "";
    await expectGoodLooks(page);
    await page.locator(".digits input").fill(totp(secret));
    await press(page, "Проверить и включить");
    await page.locator(".codes li").first().waitFor();
    const codes = await page.locator(".codes li").allTextContents();
    expect(codes).toHaveLength(10);
    await page.getByLabel("Коды сохранены").check();
    await press(page, "Готово");
    await page.getByText("осталось 10 запасных кодов").waitFor();

    const second = await newPage(browser, 390, 800);
    await fillSignIn(second.page, email, password);
    await second.page.locator(".digits input").waitFor();
    await expectGoodLooks(second.page);
    // The page of the second step takes the digits however they are spaced.
    const digits = nextTotp(secret);
    await second.page.locator(".digits input").fill(`${digits.slice(0, 3)} ${digits.slice(3)}`);
    await second.page.keyboard.press("Enter");
    await second.page.waitForURL(/\/me/);

    const third = await newPage(browser, 1280, 800);
    await fillSignIn(third.page, email, password);
    await press(third.page, "Нет телефона под рукой");
    await third.page.getByLabel("Запасной код").fill(codes[0] ?? "");
    await third.page.keyboard.press("Enter");
    await third.page.waitForURL(/\/me/);
    await third.page.getByText("осталось 9 запасных кодов").waitFor();

    expect([...errors, ...second.errors]).toEqual([]);
    // This one signs the others out.
    await press(third.page, "Выключить вход в два шага");
    await third.page.locator("dialog[open] input").first().fill(password);
    await third.page
      .locator("dialog[open] input")
      .last()
      .fill(codes[1] ?? "");
    await confirm(third.page);
    await third.page.getByText("выключен").waitFor();
    expect(third.errors).toEqual([]);
    await page.reload();
    await page.waitForURL(/\/login/);
  });

  it("a changed password ends the other sessions, and the old one is good no more", async () => {
    const { email, password } = personOf("auditor");
    const next = "пять коротких слов про осенний лес";
    const { page } = await open("auditor");
    const other = await open("auditor");
    await page.reload();
    await expect.poll(() => page.locator(".lines li").count()).toBe(2);
    await page.getByLabel("Нынешний пароль").fill(password);
    await page.getByLabel("Придумайте пароль").fill("password1234");
    await press(page, "Сменить пароль");
    await page.locator(".failure:not([hidden])").waitFor();
    await page.getByLabel("Придумайте пароль").fill(next);
    await press(page, "Сменить пароль");
    await page.getByText("Пароль изменён").waitFor();
    await expect.poll(() => page.locator(".lines li").count()).toBe(1);

    await other.page.reload();
    await other.page.waitForURL(/\/login/);
    await fillSignIn(other.page, email, password);
    await other.page.getByText("Неверная почта или пароль").waitFor();
    await fillSignIn(other.page, email, next);
    await other.page.waitForURL(url => !url.pathname.startsWith("/login"));
  });

  it("a session is ended from another one, and all of them at once", async () => {
    const { page, errors } = await open("head");
    const other = await open("head");
    await page.reload();
    await page.locator(".lines li").nth(1).waitFor();
    await press(page, /^Завершить/);
    await expect.poll(() => page.locator(".lines li").count()).toBe(1);
    await other.page.reload();
    await other.page.waitForURL(/\/login/);
    await press(page, "Выйти везде");
    await confirm(page);
    await page.waitForURL(/\/login/);
    expect(errors).toEqual([]);
  });

  it("a forgotten password is asked about without telling who is known here", async () => {
    const { page, errors } = await newPage(browser, 390, 800);
    const told: string[] = [];
    for (const email of [personOf("operator").email, "nobody@example.org"]) {
      await page.goto(`${talon.url}/login?way=password`);
      await page.getByRole("link", { name: "Забыли пароль?" }).click();
      await page.waitForURL(/\/login\/recover/);
      await expectGoodLooks(page);
      await page.getByLabel("Электронная почта").fill(email);
      await press(page, "Прислать ссылку");
      await page.getByText("Проверьте почту").waitFor();
      told.push(((await page.locator(".card").textContent()) ?? "").replace(email, ""));
    }
    expect(told[0]).toBe(told[1]);
    await page.goto(`${talon.url}/login/recover#a-link-that-was-never-sent`);
    await page.getByLabel("Придумайте пароль").fill("четыре несвязанных слова кирпич");
    await press(page, "Сохранить пароль");
    await page.getByText("Ссылка уже использована или устарела").waitFor();
    expect(page.url()).not.toContain("#");
    expect(errors).toEqual([]);
  });
});
