import { language, maybe, t } from "../../../../shared/i18n/text";
import type { Interval } from "./settings";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export function weekday(index: number): string {
  return maybe(`day.${weekdays[index]}`) ?? String(index + 1);
}

/** A zone the browser knows, or none: what is being typed may name no place on earth. */
export function knownZone(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** A date of the calendar, without a clock or a zone. */
export function dateText(date: string): string {
  const locale = language() === "en" ? "en-GB" : "ru-RU";
  const style = {
    day: "numeric",
    month: "long",
    year: "numeric",
    weekday: "short",
    timeZone: "UTC",
  } as const;
  return new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, style);
}

export const clock = (time: string) => time.slice(0, 5);
/** Midnight at the end of a day reads as its 24th hour. */
export const closing = (time: string) => (clock(time) === "00:00" ? "24:00" : clock(time));

export function hoursText(day: readonly Interval[]): string {
  if (day.length === 0) return t("hours.closed");
  return day.map(one => `${clock(one.opens)}–${closing(one.closes)}`).join(", ");
}

/** A span in the greatest unit that holds it whole. */
export function spanText(seconds: number): string {
  if (seconds % 3600 === 0 && seconds > 0) return t("setup.hours", { count: seconds / 3600 });
  if (seconds % 60 === 0) return t("setup.minutes", { count: seconds / 60 });
  return t("setup.seconds", { count: seconds });
}

/** What a place of the settings is called. */
export function placeText(
  key: string,
  windowLabel: (id: string) => string,
  serviceName: (code: string) => string,
) {
  const [first, second = "", ...rest] = key.split(".");
  const last = rest.join(".");
  if (key === "windows.order") return t("set.windows-order");
  if (first === "windows") {
    const id = key.slice("windows.".length, key.lastIndexOf("."));
    const what = key.endsWith(".label") ? t("set.window-label") : t("set.window-services");
    return `${t("set.window", { label: windowLabel(id) })}: ${what}`;
  }
  if (first === "hours" && second === "week") return `${t("set.hours")}: ${weekday(Number(last))}`;
  if (first === "hours") return `${t("set.hours")}: ${dateText(last)}`;
  if (first === "quotas" && second === "services") return `${t("set.quota-service")}: ${serviceName(last)}`;
  return maybe(`set.${key}`) ?? key;
}

/** A value of the settings in words. */
export function valueText(key: string, value: unknown, serviceName: (code: string) => string): string {
  if (value === undefined || value === null) return "—";
  if (typeof value === "boolean") return t(value ? "setup.yes" : "setup.no");
  if (key.startsWith("hours.")) return hoursText(value as Interval[]);
  if (key.endsWith("_s") && typeof value === "number") return spanText(value);
  if (key === "policy") return maybe(`policy.${String(value)}`) ?? String(value);
  if (key === "day_starts_at") return clock(String(value));
  if (key === "location") {
    const { latitude_e6, longitude_e6 } = value as { latitude_e6: number; longitude_e6: number };
    return `${latitude_e6 / 1e6}, ${longitude_e6 / 1e6}`;
  }
  if (key === "languages") return (value as string[]).map(one => maybe(`language.${one}`) ?? one).join(", ");
  if (key === "without" || key.endsWith(".services")) {
    const codes = value as string[];
    if (codes.length === 0) return t(key === "without" ? "set.none" : "windows.all-services");
    return codes.map(serviceName).join(", ");
  }
  if (Array.isArray(value) && value.every(one => typeof one === "string")) return value.join(", ") || "—";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
