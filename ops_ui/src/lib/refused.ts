// Why the door stays shut, in words.

import { refusal } from "./commands.svelte";
import { t } from "./text.svelte";
import type { Problem } from "./types";

/** null: the server did not answer. */
export function refused(told: Problem | null, status: number): string {
  if (!told) return t("phase_of.no_answer");
  const wait = told.facts?.wait_s ? ` (${told.facts.wait_s} s)` : "";
  return `${refusal(told, status)}${wait}`;
}
