import type { HistoryFilter } from "../../../../shared/gql/generated/admin-journal";

export interface Filters {
  from: string;
  to: string;
  branch: string;
  type: string;
  actor: string;
  /** The one it is about: `staff:…`, `customer:…` or `device:…`, as the last part of the page's address. */
  about: string;
}

export const noFilters: Filters = { from: "", to: "", branch: "", type: "", actor: "", about: "" };

/** The filters as the server takes them: days are whole days of this browser's clock, the last one included. */
export function toFilter(filters: Filters): HistoryFilter {
  const nextDay = (day: string) => {
    const date = new Date(`${day}T00:00`);
    date.setDate(date.getDate() + 1);
    return date;
  };
  const [kind, ...id] = filters.about.split(":");
  const about = kind === "staff" || kind === "customer" || kind === "device" ? { [kind]: id.join(":") } : {};
  return {
    ...about,
    from: filters.from ? new Date(`${filters.from}T00:00`).toISOString() : undefined,
    to: filters.to ? nextDay(filters.to).toISOString() : undefined,
    branch: filters.branch || undefined,
    type: filters.type || undefined,
    actor: filters.actor.trim() || undefined,
  };
}
