import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newPage, pair, signIn, startBrowser } from "./browser";
import { type Demo, demoOf, startTalon, type Talon, takeTickets, talonBin } from "./talon";

/** Every page of the server, as a stranger meets it. */
const streets = ["/", "/login", "/login/recover", "/login/invite", "/me", "/pair", "/operator", "/admin"];

describe.skipIf(!talonBin)("the content security policy (needs TALON_BIN)", () => {
  let talon: Talon;
  let demo: Demo;
  let browser: Browser;

  beforeAll(async () => {
    [talon, browser] = await Promise.all([startTalon(), startBrowser()]);
    demo = await demoOf(talon);
    await takeTickets(talon, demo.branch, 3);
  });
  afterAll(async () => {
    await browser?.close();
    await talon?.stop();
  });

  it("no page breaks its own policy", async () => {
    for (const path of [...streets, `/kiosk/${demo.branch}`, `/board/${demo.branch}`]) {
      const { page, errors } = await newPage(browser, 1366, 768);
      if (path.startsWith("/kiosk")) await pair(page, talon, "kiosk", demo.branch);
      if (path.startsWith("/board")) await pair(page, talon, "board", demo.branch);
      const answer = await page.goto(`${talon.url}${path}`, { waitUntil: "load" });
      const policy = answer?.headers()["content-security-policy"] ?? "";
      expect(policy, path).toMatch(/^default-src 'none'/);
      expect(policy, path).not.toMatch(/unsafe/);
      await page.waitForFunction(() => (document.body.innerText.trim().length ?? 0) > 10);
      expect(errors, path).toEqual([]);
      await page.context().close();
    }
  });

  it("the administrator's sections keep to it as well", async () => {
    const { page, errors } = await newPage(browser, 1366, 768);
    const admin = demo.signIns.find(one => one.role === "admin");
    await signIn(page, talon, admin?.email ?? "", admin?.password ?? "");
    await page.goto(`${talon.url}/admin`);
    await page.waitForSelector("nav a[href^='/admin/']");
    const links = await page
      .locator("nav a[href^='/']")
      .evaluateAll(all => all.map(one => one.getAttribute("href") ?? ""));
    expect(links.length).toBeGreaterThan(1);
    for (const link of new Set(links)) {
      await page.locator(`nav a[href='${link}']`).first().click();
      await page.waitForURL(`**${link}`);
      await page.waitForLoadState("networkidle");
    }
    expect(errors).toEqual([]);
  });

  it("a script that somebody smuggles in does not run", async () => {
    const { page, errors } = await newPage(browser, 1366, 768);
    await page.goto(`${talon.url}/login`);
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.smuggled = true";
      document.head.append(script);
      const picture = document.createElement("img");
      picture.setAttribute("onerror", "window.smuggled = true");
      picture.src = "data:,";
      document.body.append(picture);
      await new Promise(resolve => setTimeout(resolve, 200));
      return "smuggled" in window;
    });
    expect(ran).toBe(false);
    expect(errors.length).toBeGreaterThan(0);
  });
});
