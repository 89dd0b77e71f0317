// Short trends of every bay since the page was opened: at most two hours, one point every ten seconds.

import { powerKw } from "./bay";
import { untrack } from "svelte";
import type { Snapshot } from "./types";

export interface Point {
  at_s: number;
  soc_pct: number | null;
  power_kw: number | null;
  temperature_c: number | null;
}

const EVERY_S = 10, MOST_POINTS = 720;

const kept = new Map<number, Point[]>();
let last_s = -Infinity;
let count = $state(0);

/** Take a snapshot into the trends, unless the last one was a moment ago. */
export function remember(now: Snapshot): void {
  const at_s = Date.parse(now.at) / 1000;
  if (at_s - last_s < EVERY_S && at_s >= last_s) return;
  last_s = at_s;
  for (const bay of now.bays) {
    const good = bay.charge.quality === "good" ? bay.charge.value : null;
    const points = kept.get(bay.number) ?? [];
    points.push({ at_s, soc_pct: bay.soc_pct, power_kw: good ? powerKw(bay) : null, temperature_c: good?.max_temperature_c ?? null });
    kept.set(bay.number, points.slice(-MOST_POINTS));
  }
  untrack(() => (count += 1));
}

/** The points of a bay, oldest first. */
export function trend(bay: number): Point[] {
  void count;
  return kept.get(bay) ?? [];
}
