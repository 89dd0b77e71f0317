// Past alarms: what of them a person wants to see, and how often one came.

import { DAY_MS, stationDay } from "./days";
import type { AlarmPeriod } from "./types";

export interface Filter {
  /** 0: every priority. */
  priority: number;
  standing: "all" | "standing" | "gone";
  /** Part of the name of the alarm or its device, or of its words. */
  text: string;
}

export const ALL: Filter = { priority: 0, standing: "all", text: "" };

/** The periods that a filter lets through; `words` are what a person reads of one. */
export function wanted(periods: readonly AlarmPeriod[], filter: Filter, words: (period: AlarmPeriod) => string): AlarmPeriod[] {
  const text = filter.text.trim().toLowerCase();
  return periods.filter((each) =>
    (filter.priority === 0 || each.alarm.priority === filter.priority)
    && (filter.standing === "all" || (each.gone_at === null) === (filter.standing === "standing"))
    && (text === "" || `${each.alarm.alarm} ${words(each)}`.toLowerCase().includes(text)));
}

/** How long it stood (s), until now where it stands. */
export function stood_s(period: AlarmPeriod, now_ms: number): number {
  return Math.max(0, (period.gone_at ? Date.parse(period.gone_at) : now_ms) - Date.parse(period.alarm.raised_at)) / 1000;
}

export interface DayCount {
  day: string;
  count: number;
}

/** How often it came on each of the station's last days, today last. */
export function perDay(periods: readonly AlarmPeriod[], now_ms: number, days: number): DayCount[] {
  const came = periods.map((each) => stationDay(Date.parse(each.alarm.raised_at)));
  return Array.from({ length: days }, (_, back) => stationDay(now_ms - (days - 1 - back) * DAY_MS))
    .map((day) => ({ day, count: came.filter((each) => each === day).length }));
}
