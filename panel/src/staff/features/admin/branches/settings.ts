/** What one branch decides for itself: the document `schemas/branch-settings.schema.json` describes. */
export interface BranchSettings {
  name: Words;
  address?: string;
  location?: { latitude_e6: number; longitude_e6: number };
  postal_code?: string;
  phone?: string;
  time_zone: string;
  public: boolean;
  languages: string[];
  ticker?: Words;
  windows: BranchWindow[];
  without: string[];
  hours: { week: Interval[][]; exceptions?: Record<string, Interval[]> };
  day_starts_at: string;
  policy: "edd" | "fifo";
  calling: CallingRules;
  times: DayTimes;
  quotas: { day?: number; services?: Record<string, number> };
}

export interface Words {
  ru: string;
  en: string;
}

export interface BranchWindow {
  id: string;
  label: string;
  services: string[];
}

/** Local times, `HH:MM:SS`; closing at 00:00:00 is midnight. */
export interface Interval {
  opens: string;
  closes: string;
}

export interface CallingRules {
  max_calls: number;
  between_calls_s: number;
  no_show_after_calls: number;
  no_show_after_s: number;
  automatic_no_show: boolean;
  grace_s: number;
  undo_s: number;
  return_lock_out_s: number;
  return_penalty_s: number;
  late_booking_s: number;
  reservation_guard_s: number;
  pin_after_due_s: number;
  amber_before_due_s: number;
  second_level: boolean;
}

export interface DayTimes {
  open_before_s: number;
  intake_ends_before_close_s: number;
  close_after_s: number;
  busy_alert_s: number;
}

const workday = () => [{ opens: "09:00:00", closes: "18:00:00" }];

/** What a branch that was never set up starts with: five working days and one window. */
export function firstSettings(name: Words): BranchSettings {
  return {
    name,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "Europe/Moscow",
    public: true,
    languages: ["ru"],
    windows: [{ id: "w1", label: "1", services: [] }],
    without: [],
    hours: { week: [workday(), workday(), workday(), workday(), workday(), [], []] },
    day_starts_at: "00:00:00",
    policy: "edd",
    calling: {
      max_calls: 3,
      between_calls_s: 30,
      no_show_after_calls: 2,
      no_show_after_s: 60,
      automatic_no_show: true,
      grace_s: 600,
      undo_s: 10,
      return_lock_out_s: 300,
      return_penalty_s: 300,
      late_booking_s: 900,
      reservation_guard_s: 180,
      pin_after_due_s: 600,
      amber_before_due_s: 300,
      second_level: true,
    },
    times: {
      open_before_s: 1800,
      intake_ends_before_close_s: 600,
      close_after_s: 3600,
      busy_alert_s: 14400,
    },
    quotas: {},
  };
}
