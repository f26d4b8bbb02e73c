import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, talonBin } from "./talon";
import { totp } from "./totp";

describe.skipIf(!talonBin)("a second factor that is required (needs TALON_BIN)", () => {
  let talon: Talon;
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    const settings = { TALON_AUTH__SECOND_FACTOR: "administrators" };
    [talon, browser] = await Promise.all([startTalon({ env: settings }), startBrowser()]);
    demo = await demoOf(talon);
  });
  afterAll(async () => {
    await browser?.close();
    await talon?.stop();
  });

  const personOf = (role: string) =>
    demo.signIns.find(one => one.role === role) ?? { email: "", password: "" };

  it("leads an administrator to the set-up, and on to their work without signing in again", async () => {
    const { email, password } = personOf("admin");
    const { page, errors } = await newPage(browser, 1280, 800);
    await signIn(page, talon, email, password);
    await page.waitForURL(/\/me$/);
    await page.getByText("включите вход в два шага").waitFor();
    await expectGoodLooks(page);
    // Whoever knows another address is led back.
    await page.goto(`${talon.url}/admin/staff`);
    await page.waitForURL(/\/me$/);
    expect(await page.getByRole("link", { name: "Администрирование" }).count()).toBe(0);

    await page.getByRole("button", { name: "Включить вход в два шага" }).click();
    await page.locator("dialog[open] input").fill(password);
    await page.locator("dialog[open] [data-confirm]").click();
    const secret = (await page.locator(".secret code").first().textContent()) ?? "";
    await page.locator(".digits input").fill(totp(secret));
    await page.getByRole("button", { name: "Проверить и включить" }).click();
    await page.locator(".codes li").first().waitFor();
    await page.getByText("включите вход в два шага").waitFor({ state: "detached" });
    // The recovery codes stay until somebody says that they are kept.
    expect(await page.locator(".codes li").count()).toBe(10);
    await page.getByLabel("Коды сохранены").check();
    await page.getByRole("button", { name: "Готово" }).click();
    await page.getByText("поэтому выключить его нельзя").waitFor();
    expect(await page.getByRole("button", { name: "Выключить вход в два шага" }).count()).toBe(0);
    await expectGoodLooks(page);

    await page.getByRole("link", { name: "Администрирование" }).click();
    await page.waitForURL(/\/admin/);
    await page.goto(`${talon.url}/admin/staff`);
    await page
      .getByRole("link", { name: /Полякова/ })
      .first()
      .waitFor();
    expect(errors).toEqual([]);
  });

  it("asks nothing of those who do not administer", async () => {
    const { email, password } = personOf("operator");
    const { page } = await newPage(browser, 1280, 800);
    await signIn(page, talon, email, password);
    await page.waitForURL(/\/operator/);
  });
});
