// Work by hand: the single moves that the controller knows, and what a second person says again.

import type { ActionState, Snapshot } from "./types";
import type { Key } from "../texts/zh";

/** Which bay field of a request a move needs. */
export interface Move {
  kind: string;
  label: Key & `do.${string}`;
  bayField?: "bay" | "to_bay";
}

const move = (kind: string, label: Key & `do.${string}`, bayField?: Move["bayField"]): Move => ({ kind, label, bayField });

export const AT_TRUCK: readonly Move[] = [
  move("locate", "do.start_job_locate"), move("unlock", "do.start_job_unlock"), move("grip", "do.start_job_grip"), move("lift", "do.start_job_lift"),
  move("place", "do.start_job_place"), move("ungrip", "do.start_job_ungrip"), move("lock", "do.start_job_lock"), move("park", "do.start_job_park"),
];
export const AT_RACK: readonly Move[] = [move("pick", "do.start_job_pick", "bay"), move("put", "do.start_job_put", "to_bay")];

const BYPASS = "set_bypass_";

/** The inputs that may be bypassed at all, as the snapshot's actions name them. */
export function bypassInputs(now: Snapshot): string[] {
  return now.actions.filter((each: ActionState) => each.action.startsWith(BYPASS)).map((each) => each.action.slice(BYPASS.length));
}

/** Whether an input is one of a bay's sensors. */
export function isOfBay(input: string): boolean {
  return input.startsWith("presence_");
}

export interface SameAgain {
  path: string;
  body: Record<string, unknown>;
}

const SUBJECT_OF_BYPASS = /^(\w+)(?: bay-(\d+))? (\d+) min$/, SUBJECT_OF_IDENTITY = /^(\S+) (\S+)$/;

/** The request with which a second person says the same; null for a word that this page does not know. */
export function sameAgain(kind: string, subject: string): SameAgain | null {
  if (kind === "set_bypass") {
    const [, input, bay, minutes] = SUBJECT_OF_BYPASS.exec(subject) ?? [];
    return input ? { path: "/bypasses", body: { input, minutes: Number(minutes), ...(bay ? { bay: Number(bay) } : {}) } } : null;
  }
  const [, swap, battery] = (kind === "attest_identity" && SUBJECT_OF_IDENTITY.exec(subject)) || [];
  return swap ? { path: `/swaps/${encodeURIComponent(swap)}/attest`, body: { battery } } : null;
}
