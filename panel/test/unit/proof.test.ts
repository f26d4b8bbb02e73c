import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { leadingZeros, sha256, solve } from "../../src/staff/features/login/proof";

const hex = (hash: Uint32Array) => [...hash].map(word => word.toString(16).padStart(8, "0")).join("");

describe("proof of work", () => {
  it.each(["", "abc", "талон", "x".repeat(55), "x".repeat(56), "x".repeat(64), "y".repeat(200)])(
    "hashes %j as the standard does",
    text => expect(hex(sha256(text))).toBe(createHash("sha256").update(text).digest("hex")),
  );

  it("counts the zero bits a hash begins with", () => {
    expect(leadingZeros(new Uint32Array([0x00ffffff, 0]))).toBe(8);
    expect(leadingZeros(new Uint32Array([0, 0x10000000]))).toBe(35);
  });

  it("finds what the server will accept", async () => {
    const puzzle = "signed.puzzle";
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const solution = await solve({ puzzle, difficulty: 12, expiresAt });
    const hash = createHash("sha256").update(`${puzzle}:${solution}`).digest("hex");
    expect(hash.startsWith("000")).toBe(true);
  });

  it("gives up when time is over", async () =>
    expect(
      await solve({ puzzle: "p", difficulty: 250, expiresAt: new Date(Date.now() + 80).toISOString() }),
    ).toBeNull());
});
