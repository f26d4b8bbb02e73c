import { expect, it } from "vitest";
import { totp } from "../e2e/totp";

it("an authenticator's digits are those of RFC 6238", () => {
  // «12345678901234567890», the key of the RFC's own table.
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  expect(totp(secret, 59_000)).toBe("287082");
  expect(totp(secret, 1_111_111_109_000)).toBe("081804");
});
