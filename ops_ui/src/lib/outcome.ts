// When a command that was accepted is seen to run, and seen to be done: one row for each action that the snapshot shows.

import type { Snapshot } from "./types";

type Test = (now: Snapshot) => boolean;
const inState = (...states: Snapshot["state"][]): Test => (now) => states.includes(now.state);

export const RUNNING: Record<string, Test> = {
  hold: inState("holding"),
  resume: inState("unholding"),
  swap: (now) => now.swap !== null,
};

export const DONE: Record<string, Test> = {
  hold: inState("held"),
  resume: (now) => now.hold_reasons.length === 0 && !inState("held", "holding", "unholding")(now),
  confirm_start_up: (now) => now.confirmed,
  abandon_swap: (now) => now.swap === null,
};
