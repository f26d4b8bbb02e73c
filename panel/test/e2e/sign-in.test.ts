import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, sentSince, startTalon, type Talon, talonBin } from "./talon";

describe.skipIf(!talonBin)("ways to sign in (needs TALON_BIN)", () => {
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
  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();

  it("a visitor comes in by a code of six digits, sees their page and leaves", async () => {
    const { page, errors } = await newPage(browser, 390, 800);
    await page.goto(`${talon.url}/login`);
    await page.getByRole("tab", { name: "Телефон" }).click();
    await expectGoodLooks(page);
    await page.getByLabel("Номер телефона").fill("не номер");
    await press(page, "Получить код");
    await page.getByText("Проверьте номер").waitFor();
    const mark = talon.said().length;
    await page.getByLabel("Номер телефона").fill("8 (900) 123-45-67");
    await press(page, "Получить код");
    await page.locator(".digits input").waitFor();
    await expectGoodLooks(page);
    const code = await sentSince(talon, mark, /\b(\d{6})\b(?![\s\S]*NOT SENT: a letter)/);
    await page.locator(".digits input").fill(code === "000000" ? "111111" : "000000");
    await page.keyboard.press("Enter");
    await page.getByText("Код не подошёл").waitFor();
    // Pasted with what stands around it, as phones do.
    await page.locator(".digits input").fill(` ${code.slice(0, 3)}-${code.slice(3)} `);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/me$/);

    // The way used last is offered first.
    await press(page, "Выйти");
    await page.waitForURL(/\/login/);
    expect(await page.getByRole("tab", { name: "Телефон" }).getAttribute("aria-selected")).toBe("true");
    expect(errors).toEqual([]);
  });

  it("a visitor comes in by a code in a letter, and by the same address they are the same", async () => {
    const enter = async () => {
      const { page, errors } = await newPage(browser, 390, 800);
      await page.goto(`${talon.url}/login`);
      await page.getByRole("tab", { name: "Код на почту" }).click();
      await expectGoodLooks(page);
      await page.getByLabel("Электронная почта").fill("vera@example.org");
      const mark = talon.said().length;
      await press(page, "Получить код");
      await page.getByText("Отправили письмо с кодом на адрес vera@example.org").waitFor();
      const code = await sentSince(talon, mark, /\b(\d{6})\b/);
      await page.locator(".digits input").fill(code === "000000" ? "111111" : "000000");
      await page.keyboard.press("Enter");
      await page.getByText("Код не подошёл").waitFor();
      await page.locator(".digits input").fill(code);
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/me$/);
      await page.getByText("Мои посещения").waitFor();
      return { page, errors };
    };
    const first = await enter();
    expect(await first.page.locator(".contact").allTextContents()).toEqual(["vera@example.org"]);
    await first.page.getByLabel("Как к вам обращаться").fill("Вера Павловна");
    await press(first.page, "Сохранить");
    await first.page.getByText("Здравствуйте, Вера Павловна").waitFor();
    const again = await enter();
    await again.page.getByText("Здравствуйте, Вера Павловна").waitFor();
    expect([...first.errors, ...again.errors]).toEqual([]);
  });

  it("a screen is let in by a phone that is signed in, within two seconds", async () => {
    const screen = await newPage(browser, 1280, 800);
    await screen.page.goto(`${talon.url}/login?way=qr`);
    const offered = screen.page.waitForResponse(/\/auth\/qr$/);
    await screen.page.reload();
    const offer = await (await offered).json();
    await screen.page.locator(".qr img").waitFor();
    await expectGoodLooks(screen.page);

    const phone = await newPage(browser, 390, 800);
    const { pathname, hash } = new URL(offer.url);
    // The phone that is not signed in yet signs in on the way, and the code survives it.
    await phone.page.goto(talon.url + pathname + hash);
    await phone.page.waitForURL(/\/login\?to=/);
    expect(phone.page.url()).not.toContain(hash.slice(1));
    const person = personOf("head");
    await phone.page.fill("input[name=email]", person.email);
    await phone.page.fill("input[name=password]", person.password);
    await phone.page.keyboard.press("Enter");
    await phone.page.getByRole("button", { name: "Да, впустить" }).waitFor();
    await expectGoodLooks(phone.page);
    await press(phone.page, "Да, впустить");
    const pressed = Date.now();
    await screen.page.waitForURL(/\/operator/);
    expect(Date.now() - pressed).toBeLessThan(4000);
    await phone.page.getByText("Вход на том экране выполнен").waitFor();
    expect([...screen.errors, ...phone.errors]).toEqual([]);
  });

  it("a phone that refuses keeps the screen out", async () => {
    const screen = await newPage(browser, 1280, 800);
    await screen.page.goto(`${talon.url}/login`);
    const offered = screen.page.waitForResponse(/\/auth\/qr$/);
    await screen.page.getByRole("tab", { name: "QR-код" }).click();
    const offer = await (await offered).json();
    const phone = await newPage(browser, 390, 800);
    const person = personOf("head");
    await signIn(phone.page, talon, person.email, person.password);
    const { pathname, hash } = new URL(offer.url);
    await phone.page.goto(talon.url + pathname + hash);
    await press(phone.page, "Нет, это не я");
    await phone.page.getByText("Вход отклонён").waitFor();
    await screen.page.getByRole("button", { name: "Показать код ещё раз" }).waitFor();
  });

  it("a lost password is replaced by the link of a letter, and everybody else is out", async () => {
    const { email, password } = personOf("auditor");
    const next = "семь синих слов за старым мостом";
    const inside = await newPage(browser, 1280, 800);
    await signIn(inside.page, talon, email, password);

    const { page, errors } = await newPage(browser, 390, 800);
    const mark = talon.said().length;
    await page.goto(`${talon.url}/login/recover`);
    await page.getByLabel("Электронная почта").fill(email);
    await press(page, "Прислать ссылку");
    await page.getByText("Проверьте почту").waitFor();
    const token = await sentSince(talon, mark, /\/login\/recover#([\w-]+)/);
    await page.goto(`${talon.url}/login`);
    await page.goto(`${talon.url}/login/recover#${token}`);
    await page.getByLabel("Придумайте пароль").fill(next);
    await press(page, "Сохранить пароль");
    await page.getByText("Пароль изменён").waitFor();

    await inside.page.reload();
    await inside.page.waitForURL(/\/login/);
    await signIn(inside.page, talon, email, next);
    // The link was good once.
    await page.goto(`${talon.url}/login`);
    await page.goto(`${talon.url}/login/recover#${token}`);
    await page.getByLabel("Придумайте пароль").fill(`${next} снова`);
    await press(page, "Сохранить пароль");
    await page.getByText("Ссылка уже использована или устарела").waitFor();
    expect(errors).toEqual([]);
  });
});
