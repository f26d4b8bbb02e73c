import { afterEach, describe, expect, it, vi } from "vitest";
import { session } from "../../src/staff/session/session";

afterEach(() => vi.unstubAllGlobals());

describe("renewing a session", () => {
  const steps: string[] = [];
  const renewedWith = async (locks: unknown) => {
    steps.length = 0;
    vi.stubGlobal("fetch", async () => {
      steps.push("renewed");
      return new Response(null, { status: 401 });
    });
    vi.stubGlobal("navigator", { language: "en", languages: ["en"], locks });
    await session.refresh();
    return steps;
  };

  it("waits for the other windows of the browser", async () => {
    const request = async (name: string, work: () => Promise<boolean>) => {
      steps.push(name);
      const done = await work();
      steps.push("free");
      return done;
    };
    expect(await renewedWith({ request })).toEqual(["talon-refresh", "renewed", "free"]);
  });

  it("renews all the same where a browser has no locks", async () =>
    expect(await renewedWith(undefined)).toEqual(["renewed"]));
});
