// The charging plan as rows: what each battery is to do and why. Pure from the snapshot to words.

import { why } from "./catalogues.svelte";
import { clock, number } from "./format";
import { language, t } from "./text.svelte";
import type { ChargeGoal, Hold, Plan, PlanReason, Snapshot } from "./types";

export interface PlanRow {
  name: string;
  soc: string;
  does: string;
  ready: string;
  because: string;
}

/** Promises by time. */
export function promises(now: Snapshot): Hold[] {
  return now.inventory.holds
    .filter((hold) => hold.kind === "booking" && hold.needed_at)
    .sort((one, other) => (one.needed_at ?? "").localeCompare(other.needed_at ?? ""));
}

/** What the planner does, in one line. */
export function planLine(now: Snapshot, forecast: Plan | null): string {
  if (!now.plan_watch.enabled) return t("plan_off");
  if (now.plan_watch.late) return t("plan_late");
  if (!now.plan) return t("plan_waits");
  const cost = forecast?.cost ? ` · ${t("plan_cost")} ${Math.round(Number(forecast.cost))} ${t("yuan")}` : "";
  return `${t("plan_age")} ${clock(now.plan.made_at, language())}${cost}`;
}

export function planRows(now: Snapshot): PlanRow[] {
  const rows = now.charge_goals.filter((goal) => bayOf(now, goal.bay)?.battery).map((goal) => planRow(now, goal));
  return now.store_goal ? [...rows, storeRow(now)] : rows;
}

function bayOf(now: Snapshot, bay: number): Snapshot["bays"][number] | undefined {
  return now.bays.find((each) => each.number === bay);
}

function planRow(now: Snapshot, goal: ChargeGoal): PlanRow {
  const bay = bayOf(now, goal.bay);
  const soc = bay?.soc_pct ?? null;
  const planned = now.plan?.bays.find((each) => each.bay === goal.bay && each.battery === bay?.battery);
  const reached = soc !== null && soc >= goal.target_soc_pct;
  const gives = goal.discharge_kw > 0;
  const told = goal.reasons.length ? goal.reasons : (planned?.reasons ?? []);
  const because = reached && !gives ? "" : whys(told) || t("plan_arrival");
  const climate = now.climate_goals.find((each) => each.bay === goal.bay);
  return {
    name: String(goal.bay),
    soc: `${number(soc, "%")} → ${number(goal.target_soc_pct, "%")}`,
    does: gives ? `${t("plan_gives")} ${number(goal.discharge_kw, "kW")}` : reached ? t("plan_full") : goal.max_kw > 0 ? `≤ ${number(goal.max_kw, "kW")}` : t("plan_pause"),
    ready: reached || !planned?.ready_at ? "" : `${t("plan_ready")} ${clock(planned.ready_at, language())}`,
    because: [because, whys(climate?.reasons ?? [])].filter(Boolean).join(t("plan_and")),
  };
}

/** What the site's store does and why; positive is into it. */
function storeRow(now: Snapshot): PlanRow {
  const store = now.store.quality === "good" ? now.store.value : null;
  return { name: t("plan_store"), soc: number(store?.soc_pct, "%"), does: number(store?.power_kw, "kW"), ready: "", because: whys(now.store_goal?.reasons ?? []) };
}

function whys(told: readonly PlanReason[]): string {
  return told.map(why).join(t("plan_and"));
}
