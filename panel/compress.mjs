// Writes .br and .gz twins beside every text file of the build, so that the server never compresses.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = join(import.meta.dirname, "dist");
for (const entry of readdirSync(dist, { recursive: true })) {
  const file = join(dist, entry);
  if (!/\.(js|css|html|svg|json)$/.test(file)) continue;
  const text = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
