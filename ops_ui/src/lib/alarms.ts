// Which alarms are shown where. First-out: what another one explains is folded under its root.

import type { Alarm } from "./types";

export const PRIORITIES = [1, 2, 3, 4] as const;

/** Root alarms of people's list: the unseen first, then by priority; of the same, the first one first. */
export function roots(alarms: readonly Alarm[]): Alarm[] {
  return alarms.filter((each) => !each.root && each.suppression === "none").sort((one, other) =>
    Number(isSeen(one)) - Number(isSeen(other)) || one.priority - other.priority || one.raised_at.localeCompare(other.raised_at));
}

export function isSeen(alarm: Alarm): boolean {
  return alarm.state === "acknowledged";
}

/** How many standing alarms this one explains. */
export function following(alarms: readonly Alarm[], root: Alarm): Alarm[] {
  return alarms.filter((each) => each.root === root.alarm);
}

export function suppressed(alarms: readonly Alarm[], how: Alarm["suppression"]): Alarm[] {
  return alarms.filter((each) => each.suppression === how);
}

/** The number of a bay in the name of a source (`bay-3`, `bay-3:E17`); null for other places. */
export function bayOf(source: string): number | null {
  const found = /^bay-(\d+)/.exec(source);
  return found ? Number(found[1]) : null;
}
