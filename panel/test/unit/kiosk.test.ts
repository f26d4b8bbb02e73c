import { afterEach, describe, expect, it, vi } from "vitest";
import { issue, newIntent } from "../../src/lite/kiosk/issue";
import { type KioskState, start, step } from "../../src/lite/kiosk/screen";

const intent = newIntent({
  service: "letters-send",
  classCode: "standard",
  reasonCode: null,
  language: "ru",
});
const ticket = {
  ticketId: "t",
  number: "А105",
  ahead: 4,
  quote: null,
  issuedAt: "2026-11-20T09:00:00Z",
  token: "x",
  qr: "<svg/>",
  url: "/t/x",
};
const noPause = async () => {};

describe("taking a ticket", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("repeats with the same id until the server answers", async () => {
    const keys: (string | null)[] = [];
    let count = 0;
    vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
      keys.push(new Headers(init.headers).get("idempotency-key"));
      count++;
      if (count === 1) throw new Error("the line broke after the ticket was made");
      if (count === 2) return new Response("{}", { status: 503 });
      return Response.json(ticket, { status: 200 });
    });
    const answer = await issue("b12", intent, noPause);
    expect(answer).toMatchObject({ ok: true, body: { number: "А105" } });
    expect(keys).toEqual([intent.id, intent.id, intent.id]);
  });

  it("does not repeat a refusal", async () => {
    const fetch = vi.fn(async () => Response.json({ code: "QUOTA_REACHED" }, { status: 409 }));
    vi.stubGlobal("fetch", fetch);
    expect(await issue("b12", intent, noPause)).toMatchObject({
      ok: false,
      problem: { code: "QUOTA_REACHED" },
    });
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("gives every intent an id of its own", () =>
    expect(newIntent({ ...intent }).id).not.toBe(newIntent({ ...intent }).id));
});

describe("the kiosk's screens", () => {
  const issuing: KioskState = step(start, { do: "issue", intent });

  it("a second tap while the ticket is made changes nothing", () => {
    const second = newIntent({ ...intent });
    expect(step(issuing, { do: "issue", intent: second })).toBe(issuing);
  });

  it("an answer to a visitor who has left is not shown to the next one", () => {
    const left = step(issuing, { do: "start" });
    expect(step(left, { do: "issued", intent, ticket })).toBe(left);
  });

  it("going back to the start forgets the privilege and the large letters", () => {
    const privileged = step(start, {
      do: "privilege",
      privilege: { classCode: "privileged", reasonCode: "veteran" },
    });
    expect(step(step(privileged, { do: "large", large: true }), { do: "start" })).toEqual(start);
  });
});
