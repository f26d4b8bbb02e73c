import { useSyncExternalStore } from "react";

export type Link = { kind: "online" } | { kind: "offline"; since: number };

let link: Link = { kind: "online" };
let doubt: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

// A line that comes back within this is not worth a banner.
const graceMs = 800;

function set(next: Link): void {
  if (next.kind === link.kind) return;
  link = next;
  for (const listener of listeners) listener();
}

/** Whether the live line stands; one for the whole staff shell. */
export const liveLink = {
  up(): void {
    clearTimeout(doubt);
    doubt = undefined;
    set({ kind: "online" });
  },
  down(): void {
    const since = Date.now();
    doubt ??= setTimeout(() => set({ kind: "offline", since }), graceMs);
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  read: (): Link => link,
};

export function useLink(): Link {
  return useSyncExternalStore(liveLink.subscribe, liveLink.read);
}
