// What the driver in the lane is told: the station's own word, the same that the sign before the lane shows. A page that
// hears nothing says so.

import type { Snapshot } from "./types";

const UNSAFE: Snapshot["lane_sign"] = { word: "lane_unsafe", cm: null };

export function laneSign(now: Snapshot, fresh: boolean): Snapshot["lane_sign"] {
  return fresh ? now.lane_sign : UNSAFE;
}
