import { expect, it } from "vitest";
import { ALL, perDay, stood_s, wanted } from "./alarmHistory";
import type { AlarmPeriod } from "./types";

const period = (alarm: string, priority: number, raised_at: string, gone_at: string | null): AlarmPeriod =>
  ({ alarm: { alarm, priority, raised_at }, gone_at }) as unknown as AlarmPeriod;
const NOW = Date.parse("2026-11-30T10:00:00Z");
const LOCK = period("LOCK_NOT_OPEN@truck", 2, "2026-11-30T09:00:00Z", null);
const HOT = period("BATTERY_HOT@bay-3", 1, "2026-11-28T15:59:00Z", "2026-11-28T16:00:30Z");
const names = (found: AlarmPeriod[]): string[] => found.map((each) => each.alarm.alarm.split("@")[0] ?? "");

it("lets through what is asked for", () => {
  const of = (filter: object): string[] => names(wanted([LOCK, HOT], { ...ALL, ...filter }, () => "电池过热"));
  expect(of({})).toEqual(["LOCK_NOT_OPEN", "BATTERY_HOT"]);
  expect(of({ priority: 1 })).toEqual(["BATTERY_HOT"]);
  expect(of({ standing: "standing" })).toEqual(["LOCK_NOT_OPEN"]);
  expect(of({ standing: "gone", text: " bay-3" })).toEqual(["BATTERY_HOT"]);
  expect(of({ text: "过热" })).toHaveLength(2);
  expect(of({ text: "nothing" })).toEqual([]);
});

it("tells how long one stood, and how often it came on which of the station's days", () => {
  expect(stood_s(LOCK, NOW)).toBe(3600);
  expect(stood_s(HOT, NOW)).toBe(90);
  expect(perDay([HOT, LOCK], NOW, 3)).toEqual([{ day: "2026-11-28", count: 1 }, { day: "2026-11-29", count: 0 }, { day: "2026-11-30", count: 1 }]);
});
