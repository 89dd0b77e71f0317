// Why the station waits now, in one sentence. Nothing is decided here: the reasons are those of the snapshot's own actions and steps.

import { reasonTexts } from "./catalogues.svelte";
import { clock } from "./format";
import { promises } from "./plan";
import { isKey, language, t } from "./text.svelte";
import type { Snapshot } from "./types";
import type { Key } from "../texts/zh";

const BEGUN = new Set<Snapshot["state"]>(["holding", "unholding"]);

/** The sentence; the first that holds, from what stops everything to what is only awaited. */
export function waitSentence(now: Snapshot): string {
  if (!now.confirmed) return unless(now, "confirm_start_up", "waits.confirm", "waits.not_yet_confirm");
  if (now.state === "held") return unless(now, "resume", "waits.resume", "waits.not_yet_resume");
  if (BEGUN.has(now.state)) return t(now.state === "holding" ? "waits.stopping" : "waits.starting");
  if (now.swap) return ofStep(now.swap);
  if (now.inventory.job) return t("waits.job", { job: jobName(now.inventory.job.kind) });
  if (now.truck.quality !== "good" || !now.truck.value?.vin) return ofNobody(now);
  return unless(now, "swap", "waits.person", "waits.not_yet_swap");
}

/** What an action needs: a person, or first what its reasons say. */
function unless(now: Snapshot, action: string, allowed: Key, refused: Key): string {
  const state = now.actions.find((each) => each.action === action);
  if (!state) return t("waits.unknown");
  return state.allowed ? t(allowed, { why: reasonTexts(now.hold_reasons) }) : t(refused, { why: reasonTexts(state.reasons) });
}

function ofStep(swap: NonNullable<Snapshot["swap"]>): string {
  const running = swap.steps.find((each) => each.state === "running");
  const step = running ? (language() === "zh" ? running.title_zh : running.title_en) : swap.step;
  return swap.waiting_for.length ? t("waits.step", { step, why: reasonTexts(swap.waiting_for) }) : t("waits.nothing", { step });
}

function ofNobody(now: Snapshot): string {
  const next = promises(now)[0]?.needed_at;
  return next ? t("waits.next_truck", { at: clock(next, language()) }) : t("waits.truck");
}

function jobName(kind: string): string {
  const key = `do.start_job_${kind}`;
  return isKey(key) ? t(key) : kind;
}
