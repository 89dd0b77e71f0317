// Rows of telemetry as a replay steps through them: what a series showed at an instant. A gap is unknown, never the last value for ever.

import type { Frames } from "./types";

export type Shown = Record<string, number | string | null>;

/** The row of a series that holds at an instant (s since 1970), by column; null where nothing is known. */
export function rowAt(frames: Frames | null, series: string, at_s: number): Shown | null {
  const rows = frames?.series[series] ?? [];
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(rows[middle]![0]) <= at_s) low = middle + 1;
    else high = middle;
  }
  const row = rows[low - 1];
  if (!frames || !row || at_s - Number(row[0]) > frames.idle_s + frames.step_s) return null;
  return Object.fromEntries(frames.columns.map((column, index) => [column, row[index + 1] ?? null]));
}

export interface Sample {
  at_s: number;
  value: number | null;
}

/** One column of a series over time, with a sample without value where it is unknown. */
export function samples(frames: Frames | null, series: string, column: string): Sample[] {
  const index = (frames?.columns.indexOf(column) ?? -1) + 1;
  if (!frames || index === 0) return [];
  const found: Sample[] = [];
  let before_s = -Infinity;
  for (const row of frames.series[series] ?? []) {
    const at_s = Number(row[0]), value = row[index];
    if (at_s - before_s > frames.idle_s + frames.step_s) found.push({ at_s: at_s - 1, value: null });
    found.push({ at_s, value: typeof value === "number" ? value : null });
    before_s = at_s;
  }
  return found;
}

/** The series of a kind, by name. */
export function seriesOf(frames: Frames | null): string[] {
  return Object.keys(frames?.series ?? {});
}
