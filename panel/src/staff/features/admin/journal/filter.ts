import type { HistoryFilter } from "../../../../shared/gql/generated/admin-journal";

export interface Filters {
  from: string;
  to: string;
  branch: string;
  type: string;
  actor: string;
}

export const noFilters: Filters = { from: "", to: "", branch: "", type: "", actor: "" };

/** The filters as the server takes them: days are whole days of this browser's clock, the last one included. */
export function toFilter(filters: Filters): HistoryFilter {
  const nextDay = (day: string) => {
    const date = new Date(`${day}T00:00`);
    date.setDate(date.getDate() + 1);
    return date;
  };
  return {
    from: filters.from ? new Date(`${filters.from}T00:00`).toISOString() : undefined,
    to: filters.to ? nextDay(filters.to).toISOString() : undefined,
    branch: filters.branch || undefined,
    type: filters.type || undefined,
    actor: filters.actor.trim() || undefined,
  };
}
