import { createHmac } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The six digits an authenticator shows at a moment (RFC 6238: SHA-1, half a minute). */
export function totp(secret: string, at = Date.now()): string {
  let bits = "";
  for (const letter of secret.toUpperCase().replace(/[^A-Z2-7]/g, ""))
    bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)));
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac("sha1", key).update(count).digest();
  const from = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A code is good once, so the next one is that of the half minute to come, which servers take too. */
export const nextTotp = (secret: string) => totp(secret, Date.now() + 30_000);
