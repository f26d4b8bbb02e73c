import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";

/** The server under test; without it the tests report themselves skipped. */
export const talonBin = process.env.TALON_BIN;

export interface Talon {
  url: string;
  stop: () => Promise<void>;
  /** Starts it again at the same address with the same store, after a stop. */
  again: () => Promise<Talon>;
  /** Everything it has said so far; the demo writes letters and short messages there instead of sending them. */
  said: () => string;
}

export interface Demo {
  branch: string;
  signIns: { email: string; password: string; role: string; name: string }[];
}

const startMs = 40_000;

interface Settings {
  /** For whoever must know the address beforehand. */
  port?: number;
  /** Keys of the configuration as the environment has them. */
  env?: Record<string, string>;
}

/** Starts a demo with an empty hall and a store of its own on a free port, and waits until it says where. */
export function startTalon({ port = 0, env = {} }: Settings = {}): Promise<Talon> {
  const folder = mkdtempSync(join(tmpdir(), "talon-e2e-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return start(folder, { port, env });
}

function start(folder: string, { port = 0, env = {} }: Settings): Promise<Talon> {
  const args = ["demo", "--empty", "--port", `${port}`, "--store", `sqlite:${join(folder, "store")}`];
  const child = spawn(talonBin ?? "", args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    let output = "";
    const late = setTimeout(() => fail("did not start in time"), startMs);
    const fail = (why: string) => {
      clearTimeout(late);
      child.kill("SIGKILL");
      reject(new Error(`${talonBin} ${why}\n${output}`));
    };
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /listening on (http:\/\/\S+)/.exec(output)?.[1];
      if (!url) return;
      clearTimeout(late);
      const again = () => start(folder, { port: Number(new URL(url).port), env });
      resolve({ url, stop: () => stop(child), again, said: () => output });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", error => fail(error.message));
    child.once("exit", code => fail(`ended with ${code}`));
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 5000).unref();
  });
}

export async function demoOf(talon: Talon): Promise<Demo> {
  const response = await fetch(`${talon.url}/demo`);
  return (await response.json()) as Demo;
}

/** Sends mutations as a person of the demo would; each is `name(input: {…})` with a command id of its own. */
export async function actorOf(talon: Talon, role: string) {
  const one = (await demoOf(talon)).signIns.find(person => person.role === role);
  const entered = await post(`${talon.url}/auth/login`, { email: one?.email, password: one?.password });
  const { accessToken } = (await entered.json()) as { accessToken: string };
  return async (name: string, input: string, selection = ""): Promise<void> => {
    const query = `mutation { ${name}(input: { commandId: "${crypto.randomUUID()}", ${input} }) { refusal { code } ${selection} } }`;
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await (await post(`${talon.url}/graphql`, { query }, headers)).json();
    const refusal = answer.errors?.[0]?.message ?? answer.data[name].refusal?.code;
    if (refusal) throw new Error(`${name}: ${refusal}`);
  };
}

/** Takes tickets as a kiosk would, so that somebody waits for the first service of each group. */
export async function takeTickets(
  talon: Talon,
  branch: string,
  count: number,
  keep: (ticket: { number: string; token: string }) => string = ticket => ticket.number,
): Promise<string[]> {
  const paired = await post(`${talon.url}/demo/pair`, { kind: "kiosk", branch });
  const cookie = paired.headers
    .getSetCookie()
    .map(one => one.split(";")[0])
    .join("; ");
  const catalogue = await (await fetch(`${talon.url}/api/v1/branches/${branch}`)).json();
  const services: string[] = catalogue.groups.map(
    (group: { services: { code: string }[] }) => group.services[0]?.code,
  );
  const kept: string[] = [];
  for (let index = 0; index < count; index++) {
    const service = services[index % services.length];
    const wish = { services: [service], class: "standard", reasonCode: null, language: "ru", partySize: 1 };
    const headers = { cookie, "idempotency-key": crypto.randomUUID() };
    const answer = await post(`${talon.url}/api/v1/branches/${branch}/tickets`, wish, headers);
    if (!answer.ok) throw new Error(`no ticket: ${answer.status} ${await answer.text()}`);
    kept.push(keep(await answer.json()));
  }
  return kept;
}

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** A piece of what the demo wrote into its log, after a moment of it, instead of sending it to anybody. */
export async function sentSince(talon: Talon, mark: number, pattern: RegExp): Promise<string> {
  const found = () => pattern.exec(talon.said().slice(mark))?.[1] ?? "";
  await expect.poll(found, { timeout: 15_000 }).not.toBe("");
  return found();
}
