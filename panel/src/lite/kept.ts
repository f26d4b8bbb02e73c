/** The last good answer of the server, kept so that a page restarted without a network is not blank. */
export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(`talon.${key}`, JSON.stringify({ at: Date.now(), value }));
  } catch {
    // A full or forbidden storage only costs the restart without a network.
  }
}

export function kept<T>(key: string, maxAgeMs: number): T | null {
  try {
    const entry = JSON.parse(localStorage.getItem(`talon.${key}`) ?? "null");
    return entry && Date.now() - entry.at < maxAgeMs ? (entry.value as T) : null;
  } catch {
    return null;
  }
}
