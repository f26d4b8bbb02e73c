/** The server's clock as seen from this device, whose own clock may be wrong. */
export class ServerClock {
  private offset = 0;

  /** Learns the offset from a time the server has just sent. */
  learn(serverTime: string): void {
    const time = Date.parse(serverTime);
    if (!Number.isNaN(time)) this.offset = time - Date.now();
  }

  now(): number {
    return Date.now() + this.offset;
  }
}

/** `m:ss`, or `h:mm:ss` from an hour on. Negative spans show as zero. */
export function stopwatch(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const seconds = String(total % 60).padStart(2, "0");
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** Minutes a person can use: whole up to twenty, then in fives, always rounded up. */
export function usefulMinutes(seconds: number): number {
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  return minutes <= 20 ? minutes : Math.ceil(minutes / 5) * 5;
}

export function clockTime(at: number | string, language: string, timeZone?: string): string {
  return new Date(at).toLocaleTimeString(locale(language), { hour: "2-digit", minute: "2-digit", timeZone });
}

export function clockTimeSeconds(at: number | string, language: string, timeZone?: string): string {
  const style = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone } as const;
  return new Date(at).toLocaleTimeString(locale(language), style);
}

export function calendarDay(at: number | string, language: string, timeZone?: string): string {
  const style = { weekday: "long", day: "numeric", month: "long", timeZone } as const;
  const text = new Date(at).toLocaleDateString(locale(language), style);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function locale(language: string): string {
  return language === "en" ? "en-GB" : "ru-RU";
}

/** The instant at which a clock of this zone shows `YYYY-MM-DDTHH:MM`; null for what is no such time. */
export function instantIn(timeZone: string, local: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local)) return null;
  const wanted = Date.parse(`${local}:00Z`);
  const shownAt = (instant: number) => {
    const style = { dateStyle: "short", timeStyle: "medium", timeZone } as const;
    return Date.parse(`${new Date(instant).toLocaleString("sv-SE", style).replace(" ", "T")}Z`);
  };
  // Twice, for the offset may be another one at the first guess.
  const guess = wanted - (shownAt(wanted) - wanted);
  const instant = guess - (shownAt(guess) - wanted);
  return Number.isNaN(instant) ? null : new Date(instant).toISOString();
}

/** A day and a time short enough for a line of a table. */
export function dayAndTime(at: number | string, language: string, timeZone?: string): string {
  const style = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone } as const;
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" as const };
  return new Date(at).toLocaleString(locale(language), { ...style, ...year });
}
