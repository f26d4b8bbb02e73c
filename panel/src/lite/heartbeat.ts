import { ask } from "../shared/http";

const everyMs = 30_000;
const startedAt = Date.now();

/** Tells the server every half a minute that this paired device lives. A page that is not paired stays silent. */
export async function startHeartbeat(audio: () => "ok" | "blocked"): Promise<void> {
  const device = await ask("/auth/device");
  if (device.ok !== true) return;
  const beat = () => {
    const memory = (performance as { memory?: { usedJSHeapSize: number } }).memory;
    const body = {
      build: import.meta.env.VITE_BUILD,
      uptimeS: Math.round((Date.now() - startedAt) / 1000),
      audio: audio(),
      heapBytes: memory?.usedJSHeapSize ?? 0,
    };
    void ask("/api/v1/devices/heartbeat", { method: "POST", body });
  };
  beat();
  setInterval(beat, everyMs);
}

const reloadHour = 4;

/** Reloads the page each night, when no hall is open: browsers of boxes leak over weeks. */
export function reloadAtNight(): void {
  const next = new Date();
  next.setHours(reloadHour, 0, 0, 0);
  if (next.getTime() <= Date.now()) next.setDate(next.getDate() + 1);
  setTimeout(() => void reloadWhenServed(), next.getTime() - Date.now());
}

/** Reloads only while the server answers: a reload without it would leave an empty screen. */
export async function reloadWhenServed(): Promise<void> {
  const page = await fetch(location.pathname, { cache: "no-store" }).catch(() => null);
  if (page?.ok) location.reload();
  else setTimeout(() => void reloadWhenServed(), 60_000);
}
