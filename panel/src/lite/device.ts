import { ask } from "../shared/http";

/** Pairs this browser as the device, as only a demo allows, then opens the device's page. */
export async function openDevice(kind: "kiosk" | "board", branch: string, href: string): Promise<void> {
  await ask("/demo/pair", { method: "POST", body: { kind, branch } });
  location.assign(href);
}
