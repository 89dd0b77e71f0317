// What people do to the record of one battery: which fields each work asks for, and what is sent.

import type { Battery, Bay, Snapshot } from "./types";
import type { Key } from "../texts/zh";

export const FIELDS = ["place", "codes", "soc_pct", "station", "papers"] as const;
export type Field = (typeof FIELDS)[number];

export interface Work {
  label: Key;
  effect: Key;
  path: string;
  fields: readonly Field[];
  /** Fields that may stay empty: nothing is said about them. */
  mayLack?: boolean;
  wantsReason: boolean;
  towardSafe?: boolean;
  fits: (battery: Battery) => boolean;
}

const ALWAYS = (): boolean => true;
const PLACE_OF_TRUCK = /^(truck|away):/;

export const WORKS: readonly Work[] = [
  { label: "do.quarantine", effect: "effect.quarantine", path: "quarantine", fields: [], wantsReason: true, towardSafe: true, fits: (each) => !each.quarantined },
  { label: "do.release", effect: "effect.release", path: "release", fields: [], wantsReason: true, fits: (each) => each.quarantined && !each.release_asked_by },
  { label: "do.confirm_release", effect: "effect.confirm_release", path: "confirm-release", fields: [], wantsReason: false, fits: (each) => each.quarantined && each.release_asked_by !== "" },
  { label: "do.move_record", effect: "effect.move_record", path: "move", fields: ["place"], wantsReason: false, fits: ALWAYS },
  { label: "do.correct_battery", effect: "effect.correct_battery", path: "correct", fields: ["place", "codes", "soc_pct"], mayLack: true, wantsReason: true, fits: ALWAYS },
  { label: "do.transfer", effect: "effect.transfer", path: "transfer", fields: ["station", "papers"], wantsReason: false, fits: ALWAYS },
  { label: "do.send_away", effect: "effect.send_away", path: "send-away", fields: [], wantsReason: true, fits: ALWAYS },
];

/** The body of a request from what was written into the fields; what is empty is not said. */
export function bodyOf(fields: readonly Field[], written: Partial<Record<Field, string>>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const value = written[field]?.trim() ?? "";
    if (value === "") continue;
    body[field] = field === "soc_pct" ? Number(value) : field === "codes" ? codesOf(value) : value;
  }
  return body;
}

/** GB/T 34014 codes as people write them: with commas or blanks between. */
export function codesOf(written: string): string[] {
  return written.split(/[\s,;]+/).filter(Boolean).map((each) => each.toUpperCase());
}

/** Places of this station where a battery may be put. */
export function places(now: Snapshot): string[] {
  return now.bays.map((bay) => bay.place);
}

/** Where a battery stands, by bay; undefined where it is in none. */
export function bayOfBattery(now: Snapshot, battery: Battery): Bay | undefined {
  return now.bays.find((bay) => bay.place === battery.place);
}

/** Batteries in the station first, by place; then those on trucks and away. */
export function byPlace(batteries: readonly Battery[]): Battery[] {
  const order = (each: Battery): string => `${PLACE_OF_TRUCK.test(each.place) ? 1 : 0}${each.place.replace(/\d+/g, (digits) => digits.padStart(4, "0"))}`;
  return [...batteries].sort((one, other) => order(one).localeCompare(order(other)));
}
