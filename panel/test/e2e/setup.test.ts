import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, pair, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, takeTickets, talonBin } from "./talon";

describe.skipIf(!talonBin)("setting up branches and services (needs TALON_BIN)", () => {
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

  const open = async (path: string, role = "admin"): Promise<{ page: Page; errors: string[] }> => {
    const opened = await newPage(browser, 1280, 800);
    const person = demo.signIns.find(one => one.role === role);
    await signIn(opened.page, talon, person?.email ?? "", person?.password ?? "");
    await opened.page.goto(`${talon.url}${path}`);
    return opened;
  };
  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();
  const dialog = (page: Page) => page.locator("dialog[open]");
  const confirm = (page: Page) => dialog(page).locator("[data-confirm]").click();

  it("a new service appears on an open kiosk within two seconds, and goes when it is archived", async () => {
    const kiosk = await newPage(browser, 1080, 1920);
    await pair(kiosk.page, talon, "kiosk", demo.branch);
    await kiosk.page.goto(`${talon.url}/kiosk/${demo.branch}?print=off`);
    await kiosk.page.waitForSelector(".card");
    const { page, errors } = await open("/admin/services");
    await page.locator(".tree .card").first().waitFor();
    await expectGoodLooks(page);

    await press(page, "Новая группа");
    await dialog(page).getByLabel("Название по-русски").fill("Доверенности");
    await dialog(page).getByLabel("Название по-английски").fill("Powers of attorney");
    await confirm(page);
    await page.getByRole("heading", { name: "Доверенности" }).waitFor();
    await press(page, /Новая услуга — Письма и посылки/);
    await dialog(page).getByLabel("Название по-русски").fill("Оформить доверенность");
    await dialog(page).getByLabel("Название по-английски").fill("Issue a power of attorney");
    await expectGoodLooks(page);
    // The group is open at the kiosk, as when somebody stands before it.
    await kiosk.page.locator(".card", { hasText: "Письма и посылки" }).click();
    const isDefining = (sent: string | null) => (sent ?? "").includes("defineService");
    const saved = page.waitForResponse(answer => isDefining(answer.request().postData()));
    await confirm(page);
    await saved;
    const card = kiosk.page.locator(".card", { hasText: "Оформить доверенность" });
    await card.waitFor({ timeout: 2000 });

    await press(page, /Убрать Оформить доверенность/);
    await confirm(page);
    await card.waitFor({ state: "detached", timeout: 5000 });
    expect([...errors, ...kiosk.errors]).toEqual([]);
  });

  it("two administrators who edit one service see both versions, and nobody's work is lost", async () => {
    const [one, other] = [await open("/admin/services"), await open("/admin/services")];
    const edit = async (page: Page, minutes: string) => {
      await page.locator(".tree .lines li").first().getByRole("button").first().click();
      await dialog(page).getByLabel("Свой срок ожидания").fill(minutes);
    };
    await edit(one.page, "11");
    await edit(other.page, "12");
    await confirm(one.page);
    await one.page.getByText("ждать не дольше 11 мин").first().waitFor();
    await confirm(other.page);
    const conflict = dialog(other.page).locator(".conflict");
    await conflict.getByText("11 мин").waitFor();
    await conflict.getByText("12 мин").waitFor();
    await expectGoodLooks(other.page);
    await conflict.getByRole("button", { name: "Оставить моё" }).click();
    await other.page.getByText("ждать не дольше 12 мин").first().waitFor();
    expect([...one.errors, ...other.errors]).toEqual([]);
  });

  it("a window is drafted, looked at as a difference and published; the other draft is carried over", async () => {
    const [one, other] = [await open("/admin/windows"), await open(`/admin/branches/${demo.branch}`)];
    await other.page.getByLabel("Телефон", { exact: true }).fill("+7 495 000-11-22");
    await press(one.page, "Новое окно");
    await dialog(one.page).getByLabel("Название").fill("каб. 12");
    await confirm(one.page);
    await one.page.getByText("Черновик: ").waitFor();
    await press(one.page, "Опубликовать");
    await dialog(one.page).getByText("Окно каб. 12: Название").waitFor();
    await expectGoodLooks(one.page);
    await confirm(one.page);
    await one.page.getByText(/Опубликовано, версия/).waitFor();

    await press(other.page, "Опубликовать");
    await confirm(other.page);
    await dialog(other.page).getByText("Настройки уже изменены").waitFor();
    await dialog(other.page).getByText("Окно каб. 12: Название").waitFor();
    await expectGoodLooks(other.page);
    await confirm(other.page);
    // The result is shown in the same dialog before it is published.
    await dialog(other.page).getByText("Когда начнёт действовать").waitFor();
    await confirm(other.page);
    await other.page.getByText(/Опубликовано, версия/).waitFor();
    await other.page.goto(`${talon.url}/admin/windows`);
    await other.page.locator("li b", { hasText: "Окно каб. 12" }).waitFor();
    expect([...one.errors, ...other.errors]).toEqual([]);
  });

  it("hours are read as people write them, and a fault leads to its field", async () => {
    const { page, errors } = await open(`/admin/branches/${demo.branch}`);
    await page.getByLabel("Часы текстом").fill("Пн-Пт: 08:30-17:15, перерыв 12:00-13:00; Сб как обычно");
    await press(page, "Разобрать");
    await page.getByText("Непонятно: «как»").waitFor();
    await page.getByLabel("Часы текстом").fill("Пн-Пт: 08:30-17:15, перерыв 12:00-13:00; Сб,Вс выходной");
    await press(page, "Разобрать");
    await page.getByText("Прочитано: Пн-Пт: 08:30-17:15, перерыв 12:00-13:00; Сб,Вс: выходной").waitFor();
    await page.getByLabel("Часовой пояс").fill("Луна/Море");
    await expectGoodLooks(page);
    await press(page, "Опубликовать");
    await confirm(page);
    await page.locator(".faults button", { hasText: "Часовой пояс" }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("set-time_zone");
    await press(page, "Отменить изменения");
    await page.getByText("Всё опубликовано").waitFor();
    expect(errors).toEqual([]);
  });

  it("a new branch is added, set up and opens to the public", async () => {
    const { page, errors } = await open("/admin/branches");
    await press(page, "Новое отделение");
    await dialog(page).getByLabel("Название по-русски").fill("Отделение на Лесной");
    await dialog(page).getByLabel("Название по-английски").fill("Lesnaya branch");
    await confirm(page);
    await page.getByText("Отделение ещё не настроено").waitFor();
    await press(page, "Опубликовать");
    await confirm(page);
    await page.getByText(/Опубликовано, версия 1/).waitFor();
    await expect
      .poll(async () => (await fetch(`${talon.url}/api/v1/branches/lesnaya-branch`)).status, {
        timeout: 5000,
      })
      .toBe(200);
    expect(errors).toEqual([]);
  });

  it("targets are tried on today's queue before they are saved", async () => {
    await takeTickets(talon, demo.branch, 4);
    const { page, errors } = await open("/admin/classes");
    await page.locator(".targets input").first().waitFor();
    const cells = page.locator(".targets tbody tr");
    await cells.last().locator("input").first().fill("1");
    await page.getByText("Черновик: 1 изменение").waitFor();
    await press(page, "Проверить");
    await page.getByText(/Место изменят \d+ из \d+/).waitFor();
    await expectGoodLooks(page);
    await press(page, "Сохранить");
    await page.getByText("Сохранено, действует с этой минуты").waitFor();
    expect(errors).toEqual([]);
  });

  it("services come back from the file they were saved to", async () => {
    const { page, errors } = await open("/admin/services");
    const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Выгрузить CSV")]);
    const path = await file.path();
    await press(page, "Загрузить из файла");
    await dialog(page)
      .locator("input[type=file]")
      .setInputFiles({
        name: "services.csv",
        mimeType: "text/csv",
        buffer: (await import("node:fs")).readFileSync(path),
      });
    await dialog(page)
      .getByText(/Новых 0, изменится 0/)
      .waitFor();
    await expectGoodLooks(page);
    expect(errors).toEqual([]);
  });

  it("the reasons page is whole", async () => {
    const { page, errors } = await open("/admin/reasons");
    await page.locator(".word").first().waitFor();
    await expectGoodLooks(page);
    expect(errors).toEqual([]);
  });

  it("a branch head sets up the branch and not the catalogue", async () => {
    const { page } = await open("/admin", "head");
    await page.getByRole("link", { name: "Окна", exact: true }).waitFor();
    expect(await page.getByRole("link", { name: "Услуги", exact: true }).count()).toBe(0);
  });
});
