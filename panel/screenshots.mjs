/**
 * Takes the pictures of the README and of the docs from a living demo: `TALON_BIN=…/talon npm run screenshots`.
 * Names after `--` take those pictures only: `npm run screenshots -- board kiosk`.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const BRANCH = "centre";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];
const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

const talon = process.env.TALON_BIN;
if (!talon) {
  console.error("screenshots: TALON_BIN names no binary");
  process.exit(2);
}
const into = new URL("../docs/images/", import.meta.url).pathname;
await mkdir(into, { recursive: true });
const store = await mkdtemp(join(tmpdir(), "talon-pictures-"));
const server = spawn(talon, ["demo", "--port", "0", "--speed", "4", "--store", `sqlite:${store}`], {
  stdio: ["ignore", "pipe", "ignore"],
});
const base = await address(server);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
});

/** Every picture by its file name: the screen it is taken on and the way to what it shows. */
const pictures = {
  board: [{ viewport: { width: 1920, height: 1080 } }, board],
  kiosk: [{ viewport: { width: 1080, height: 1920 } }, kiosk],
  "kiosk-ticket": [{ viewport: { width: 1280, height: 1024 } }, kioskTicket],
  operator: [{ viewport: desk }, page => operator(page, "F4")],
  "operator-dark": [{ viewport: desk, colorScheme: "dark" }, page => operator(page, null)],
  ticket: [{ viewport: phone, deviceScaleFactor: 2 }, ticket],
  home: [{ viewport: desk }, page => open(page, "/")],
  "home-phone": [{ viewport: phone, deviceScaleFactor: 2 }, page => open(page, "/")],
  login: [{ viewport: desk }, page => open(page, "/login")],
  staff: [{ viewport: desk }, page => section(page, "staff")],
  devices: [{ viewport: desk }, page => section(page, "devices")],
  roles: [{ viewport: desk, locale: "en-GB" }, page => section(page, "roles")],
  journal: [{ viewport: desk }, page => section(page, "journal")],
};

const only = process.argv.slice(2);
try {
  for (const [name, [screen, show]] of Object.entries(pictures)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const context = await browser.newContext({ locale: "ru-RU", ...screen });
    const page = await context.newPage();
    await show(page);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(into, `${name}.png`), animations: "disabled", caret: "hide" });
    console.log(`${name}.png`);
    await context.close();
  }
} finally {
  await browser.close();
  server.kill("SIGTERM");
  await rm(store, { recursive: true, force: true });
}

/** The address the server prints when it listens. */
async function address(process) {
  for await (const line of createInterface({ input: process.stdout })) {
    const found = /^listening on (\S+)/.exec(line);
    if (found) {
      return found[1];
    }
  }
  throw new Error("the server ended before it listened");
}

async function open(page, path) {
  await page.goto(base + path);
  await page.getByRole("heading").first().waitFor();
}

async function boardOf(page, query = "") {
  const answer = await page.request.get(`${base}/api/v1/branches/${BRANCH}/board${query}`);
  return answer.json();
}

async function board(page) {
  await page.goto(`${base}/board/${BRANCH}`);
  let seen = await boardOf(page);
  while (seen.rows.length < 5) {
    seen = await boardOf(page, `?wait=5&after=${encodeURIComponent(seen.position)}`);
  }
  await page.locator(".number").nth(4).waitFor();
}

async function openKiosk(page) {
  await page.request.post(`${base}/demo/pair`, { data: { kind: "kiosk", branch: BRANCH } });
  await page.goto(`${base}/kiosk/${BRANCH}?print=off`);
  await page
    .getByText(/ждут|ждёт/)
    .first()
    .waitFor();
}

async function kiosk(page) {
  await openKiosk(page);
  await page.locator(".card").first().waitFor();
}

async function kioskTicket(page) {
  await openKiosk(page);
  await page.locator(".card").first().click();
  await page.locator(".card").first().click();
  await page.locator(".ticket .big").waitFor();
}

async function ticket(page) {
  await page.request.post(`${base}/demo/pair`, { data: { kind: "kiosk", branch: BRANCH } });
  const catalogue = await (await page.request.get(`${base}/api/v1/branches/${BRANCH}`)).json();
  const answer = await page.request.post(`${base}/api/v1/branches/${BRANCH}/tickets`, {
    headers: { "idempotency-key": crypto.randomUUID() },
    data: {
      services: [catalogue.groups[0].services[0].code],
      class: "standard",
      language: "ru",
      partySize: 1,
    },
  });
  await open(page, `/t/${(await answer.json()).token}`);
}

async function signIn(page, email, password) {
  await page.goto(`${base}/login?way=password`);
  await page.locator("input[name=email]").fill(email);
  await page.locator("input[name=password]").fill(password);
  await page.keyboard.press("Enter");
  await page.waitForURL(url => !url.pathname.startsWith("/login"));
}

async function operator(page, key) {
  await signIn(page, "visitor@demo.talon", "demo-operator");
  await page.goto(`${base}/operator`);
  await page.locator(".windows, .work").first().waitFor();
  if (await page.locator(".windows").count()) {
    await page.locator(".windows button:not(.taken)").first().click();
    await page.locator(".go button").click();
  }
  await page.locator(".current.idle").waitFor();
  await page.locator(".queue tbody tr").nth(3).waitFor();
  await page.keyboard.press("F2");
  await page.locator(".current.called").waitFor();
  if (!key) return;
  await page.keyboard.press(key);
  await page.locator(".current.serving").waitFor();
}

async function section(page, name) {
  await signIn(page, "admin@demo.talon", "demo-admin");
  await open(page, `/admin/${name}`);
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
}
