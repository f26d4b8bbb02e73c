/** Takes the pictures of the README from a living demo: `TALON_BIN=…/talon npm run screenshots`. */
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
try {
  const base = await address(server);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  try {
    await board(browser, base);
    await kiosk(browser, base);
    await operator(browser, base);
  } finally {
    await browser.close();
  }
} finally {
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

async function page(browser, width, height) {
  const context = await browser.newContext({ viewport: { width, height }, locale: "ru-RU" });
  return context.newPage();
}

async function board(browser, base) {
  const board = await page(browser, 1920, 1080);
  await board.goto(`${base}/board/${BRANCH}`);
  const calls = async () => {
    const answer = await board.request.get(`${base}/api/v1/branches/${BRANCH}/board`);
    return (await answer.json()).rows.length;
  };
  while ((await calls()) < 5) {
    const wait = `${base}/api/v1/branches/${BRANCH}/board?wait=5&after=${encodeURIComponent(await position(board, base))}`;
    await board.request.get(wait);
  }
  // The newest call pulses for a moment: the picture is of that moment.
  await board.locator("body").waitFor();
  await board.screenshot({ path: join(into, "board.png") });
}

async function position(page, base) {
  const answer = await page.request.get(`${base}/api/v1/branches/${BRANCH}/board`);
  return (await answer.json()).position;
}

async function kiosk(browser, base) {
  const kiosk = await page(browser, 1080, 1920);
  await kiosk.request.post(`${base}/demo/pair`, { data: { kind: "kiosk", branch: BRANCH } });
  await kiosk.goto(`${base}/kiosk/${BRANCH}`);
  await kiosk.getByRole("heading").first().waitFor();
  await kiosk
    .getByText(/ждут|никто не ждёт/)
    .first()
    .waitFor();
  await kiosk.screenshot({ path: join(into, "kiosk.png") });
}

async function operator(browser, base) {
  const operator = await page(browser, 1440, 900);
  await operator.goto(`${base}/operator`);
  await operator.getByLabel(/почта/i).first().fill("visitor@demo.talon");
  await operator
    .getByLabel(/пароль/i)
    .first()
    .fill("demo-operator");
  await operator.keyboard.press("Enter");
  await operator.getByText(/^6$/).first().click();
  await operator.getByRole("button", { name: /открыть окно/i }).click();
  await operator.getByRole("button", { name: /вызвать следующего/i }).waitFor();
  await operator.keyboard.press("F2");
  await operator.getByRole("button", { name: /начать приём/i }).waitFor();
  await operator.screenshot({ path: join(into, "operator.png") });
}
