// What the driver in the lane is told: one word and, while he drives in, how far it is. Anything doubtful is "wait".

import type { Key } from "../texts/zh";
import type { Snapshot } from "./types";

export interface LaneSign {
  words: Key;
  /** Stop signs are dark and framed, the others light. */
  stop: boolean;
  /** How far the truck is from its place along the lane (cm); null: nothing to say. Which way is not measured. */
  cm: number | null;
}

const sign = (words: Key, stop: boolean, cm: number | null = null): LaneSign => ({ words, stop, cm });
const MM_PER_CM = 10;

export function laneSign(now: Snapshot, fresh: boolean): LaneSign {
  if (!fresh) return sign("lane_unsafe", true);
  if (now.fire.reaction.confirmed || now.inventory.mode.mode === "fire") return sign("lane_fire", true);
  if (now.state === "held" || now.state === "holding" || now.state === "aborted") return sign("lane_stop", true);
  const truck = now.truck.quality === "good" ? now.truck.value : null;
  if (!truck) return sign("lane_free", false);
  const step = now.swap?.steps.find((each) => each.state === "running")?.name;
  if (step === "release") return sign("lane_done", false);
  if (step !== undefined && step !== "position" && step !== "identify") return sign("lane_running", true);
  const robot = now.robot.quality === "good" ? now.robot.value : null;
  if (!robot || robot.truck_in_position) return sign("lane_wait", true);
  const cm = Math.abs(Math.round(robot.pose_x_mm / MM_PER_CM));
  return sign("lane_go", false, cm === 0 ? null : cm);
}
