import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { startTalon, type Talon } from "./talon";

const folder = fileURLToPath(new URL("../../../api/tests/oidc/", import.meta.url));

/** The real `oidc-provider` of the server's own tests; without it these report themselves skipped. */
export const hasProvider = existsSync(`${folder}node_modules/oidc-provider`);

/** Whom the provider takes everybody for. */
export interface Account {
  sub: string;
  email: string;
  email_verified: boolean;
}

/** A server whose staff also sign in through the organisation's own provider, and that provider. */
export async function startWithProvider(account: Account): Promise<Talon> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const told = JSON.stringify({ redirect: `${url}/auth/oidc/callback`, account });
  // It ends with its standard input, so with this process at the latest.
  const provider = spawn(process.execPath, ["provider.mjs", told], {
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const issuer = await firstLine(provider);
  const env = {
    TALON_HTTP__PUBLIC_URL: url,
    TALON_OIDC__ISSUER: issuer,
    TALON_OIDC__CLIENT_ID: "talon",
    TALON_OIDC__CLIENT_SECRET: "a secret of this test",
    TALON_OIDC__NAME: "Почту",
  };
  const end = () => provider.stdin?.end();
  const talon = await startTalon({ port, env }).catch(error => {
    end();
    throw error;
  });
  return {
    ...talon,
    stop: async () => {
      end();
      await talon.stop();
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject()));
    });
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const end = said.indexOf("\n");
      if (end >= 0) resolve(said.slice(0, end).trim());
    });
    child.once("error", reject);
    child.once("exit", code => reject(new Error(`the provider ended with ${code}`)));
  });
}
