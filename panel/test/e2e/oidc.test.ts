import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectGoodLooks, newPage, startBrowser } from "./browser";
import { type Account, hasProvider, startWithProvider } from "./provider";
import { demoOf, type Talon, talonBin } from "./talon";

const refused = "Ваша учётная запись организации здесь не известна";
const skipped = !talonBin || !hasProvider;

describe.skipIf(skipped)("the organisation's own sign-in (needs TALON_BIN and oidc-provider)", () => {
  let talon: Talon | undefined;
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    await talon?.stop();
    talon = undefined;
  });

  const open = async (account: Account) => {
    const started = await startWithProvider(account);
    talon = started;
    const opened = await newPage(browser, 1280, 800);
    return { ...opened, url: started.url, demo: await demoOf(started) };
  };

  it("staff come in by it, to the page they wanted, and stay in", async () => {
    // The demo's people are the same each time.
    const email = "head@demo.talon";
    const { page, errors, url, demo } = await open({ sub: "head-1", email, email_verified: true });
    const name = demo.signIns.find(one => one.email === email)?.name ?? "nobody";
    await page.goto(`${url}/me`);
    await page.waitForURL(/\/login\?to=/);
    const way = page.getByRole("link", { name: "Войти через Почту" });
    await way.waitFor();
    await expectGoodLooks(page);
    await way.click();
    await page.waitForURL(`${url}/me`);
    await page.getByText(name).first().waitFor();
    expect(new URL(page.url()).hash).toBe("");
    await page.reload();
    await page.getByText(name).first().waitFor();
    expect(page.url()).toBe(`${url}/me`);
    expect(errors).toEqual([]);
  });

  it.each([
    [
      "somebody it knows and the house does not",
      { sub: "x", email: "stranger@example.org", email_verified: true },
    ],
    ["an address it has not verified", { sub: "y", email: "head@demo.talon", email_verified: false }],
  ])("%s stays outside and is told so", async (_, account) => {
    const { page, errors, url } = await open(account);
    await page.goto(`${url}/login`);
    await page.getByRole("link", { name: "Войти через Почту" }).click();
    await page.getByText(refused).waitFor();
    expect(new URL(page.url()).pathname).toBe("/login");
    expect(new URL(page.url()).hash).toBe("");
    await expectGoodLooks(page);
    await page.goto(`${url}/me`);
    await page.waitForURL(/\/login\?to=/);
    expect(errors).toEqual([]);
  });
});
