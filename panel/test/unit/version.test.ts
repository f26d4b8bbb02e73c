import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const read = (...path: string[]) => readFileSync(join(import.meta.dirname, "..", "..", ...path), "utf8");

// npm writes no bill of materials for a package without a version.
it("the panel has the version of the server it is built into", () => {
  const server = /^version = "([^"]+)"$/m.exec(read("..", "Cargo.toml"))?.[1];
  const lock = JSON.parse(read("package-lock.json"));
  expect(JSON.parse(read("package.json")).version).toBe(server);
  expect([lock.version, lock.packages[""].version]).toEqual([server, server]);
});
