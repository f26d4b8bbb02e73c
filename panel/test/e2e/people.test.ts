import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, talonBin } from "./talon";

const password = "четыре несвязанных слова кирпич";

describe.skipIf(!talonBin)("people and their access (needs TALON_BIN)", () => {
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

  const open = async (path: string): Promise<{ page: Page; errors: string[] }> => {
    const opened = await newPage(browser, 1280, 800);
    const person = demo.signIns.find(one => one.role === "admin");
    await signIn(opened.page, talon, person?.email ?? "", person?.password ?? "");
    await opened.page.goto(`${talon.url}${path}`);
    return opened;
  };
  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();
  const dialog = (page: Page) => page.locator("dialog[open]");
  const confirm = (page: Page) => dialog(page).locator("[data-confirm]").click();

  /** Adds somebody with a role in the demo's branch and answers their invitation. */
  const addPerson = async (page: Page, name: string, email: string, role: string): Promise<string> => {
    await press(page, "Добавить сотрудника");
    await dialog(page).getByLabel("Имя и фамилия").fill(name);
    await dialog(page).getByLabel("Электронная почта").fill(email);
    await dialog(page).getByLabel("Роль", { exact: true }).selectOption({ label: role });
    await dialog(page).locator(".options").first().getByRole("checkbox").first().check();
    await confirm(page);
    const link = await dialog(page).locator(".secret code").textContent();
    await confirm(page);
    // The demo on a free port cannot know its own address; the way and the secret are what counts.
    const { pathname, hash } = new URL(link ?? "");
    return talon.url + pathname + hash;
  };

  it("somebody is added, comes in by the invitation, is given a role and loses it at once", async () => {
    const { page, errors } = await open("/admin/staff");
    await page.locator("tbody a").first().waitFor();
    await expectGoodLooks(page);
    const link = await addPerson(page, "Ольга Новикова", "olga@demo.talon", "Оператор");

    const hers = await newPage(browser, 390, 800);
    await hers.page.goto(link);
    await hers.page.getByLabel("Придумайте пароль").fill("123456789012");
    await press(hers.page, "Сохранить и войти");
    await hers.page.locator(".failure:not([hidden])").waitFor();
    await expectGoodLooks(hers.page);
    await hers.page.getByLabel("Придумайте пароль").fill(password);
    await press(hers.page, "Сохранить и войти");
    await hers.page.waitForURL(/\/operator/);
    await hers.page.waitForSelector(".windows");

    await page.getByRole("link", { name: "Ольга Новикова" }).click();
    await page.getByRole("heading", { name: "Ольга Новикова" }).waitFor();
    await expectGoodLooks(page);
    await press(page, /Снять роль Оператор/);
    await confirm(page);
    await page.getByText("Ролей нет").waitFor();
    await hers.page.reload();
    await hers.page.getByText("Этот раздел вам не открыт").waitFor();

    await press(page, "Уволить");
    await dialog(page).getByLabel("Причина").fill("по собственному желанию");
    await confirm(page);
    await page.getByText("Этот человек уволен").waitFor();
    await hers.page.reload();
    await hers.page.waitForURL(/\/login/);
    expect([...errors, ...hers.errors]).toEqual([]);
  });

  it("an invitation works once", async () => {
    const { page } = await open("/admin/staff");
    const link = await addPerson(page, "Иван Первый", "ivan@demo.talon", "Оператор");
    for (const works of [true, false]) {
      const his = await newPage(browser, 1280, 800);
      await his.page.goto(link);
      await his.page.getByLabel("Придумайте пароль").fill(password);
      await press(his.page, "Сохранить и войти");
      if (works) await his.page.waitForURL(/\/operator/);
      else await his.page.getByText("Ссылка уже использована или устарела").waitFor();
    }
  });

  it("a role of the house's own is made, shown in the table and removed", async () => {
    const { page, errors } = await open("/admin/roles");
    await page.locator(".grid tbody tr").first().waitFor();
    await press(page, "Новая роль");
    await dialog(page).getByLabel("Название по-русски").fill("Дежурный");
    await dialog(page).getByLabel("Название по-английски").fill("Duty officer");
    await dialog(page).locator(".options").getByRole("checkbox").first().check();
    await confirm(page);
    await page.getByRole("columnheader", { name: "Дежурный" }).waitFor();
    await expectGoodLooks(page);
    await press(page, /Убрать Дежурный/);
    await confirm(page);
    await page.getByRole("columnheader", { name: "Дежурный" }).waitFor({ state: "detached" });
    expect(errors).toEqual([]);
  });

  it("a position lends its services to whoever works in it", async () => {
    const { page, errors } = await open("/admin/positions");
    await press(page, "Новая должность");
    await dialog(page).getByLabel("Название по-русски").fill("Кассир зала");
    await dialog(page).getByLabel("Название по-английски").fill("Hall cashier");
    await dialog(page).locator(".options").getByRole("checkbox").first().check();
    const service = await dialog(page).locator(".options label").first().textContent();
    await confirm(page);
    await page.locator(".lines li", { hasText: "Кассир зала" }).waitFor();
    await expectGoodLooks(page);

    await page.goto(`${talon.url}/admin/staff`);
    await addPerson(page, "Вера Кассирова", "vera@demo.talon", "Оператор");
    await page.getByRole("link", { name: "Вера Кассирова" }).click();
    await press(page, "Назначить должности");
    await dialog(page)
      .getByRole("checkbox", { name: /Кассир зала/ })
      .check();
    await confirm(page);
    await page.locator(".tag.lent", { hasText: service ?? "" }).waitFor();
    expect(errors).toEqual([]);
  });

  it("a branch moves to a new region, and the journal says where it was", async () => {
    const { page, errors } = await open("/admin/regions");
    await press(page, "Новый регион");
    await dialog(page).getByLabel("Название по-русски").fill("Заречье");
    await dialog(page).getByLabel("Название по-английски").fill("Zarechye");
    await confirm(page);
    await page.locator(".lines li", { hasText: "Заречье" }).first().waitFor();
    await page.locator("select").last().selectOption({ label: "Заречье" });
    await confirm(page);
    await page.locator(".lines li", { hasText: "1 отделение" }).first().waitFor();
    await expectGoodLooks(page);
    await page.getByRole("link", { name: "Журнал", exact: true }).click();
    await page.locator(".entry", { hasText: "Отделение перенесено" }).getByText("zarechye").first().waitFor();
    expect(errors).toEqual([]);
  });
});
