// What one bay shows, in the drawing and as a tile alike. Pure from its state to words and numbers.

import { t } from "./text.svelte";
import type { Bay, Snapshot } from "./types";

export interface BayView {
  number: number;
  name: string;
  word: string;
  kind: "empty" | "occupied" | "fault" | "locked";
  battery: string;
  soc_pct: number | null;
  power_kw: number | null;
  current_a: number | null;
  temperature_c: number | null;
  good: boolean;
  /** Isolation or transit place: it does not charge. */
  apart: boolean;
}

/** Current (A) and power (kW) into the battery: what the equipment puts out, also when the battery no longer tells. */
function output(bay: Bay): { current_a: number | null; power_kw: number | null } {
  const now = bay.charger.value ?? bay.modules.value;
  return now ? { current_a: now.current_a, power_kw: (now.voltage_v * now.current_a) / 1000 } : { current_a: null, power_kw: null };
}

export const powerKw = (bay: Bay): number | null => output(bay).power_kw;

export function bayView(bay: Bay, now: Snapshot): BayView {
  const io = bay.io.value;
  const apart = bay.isolation || bay.transit;
  const locked = now.inventory.holds.some((hold) => hold.kind === "lock_out" && hold.place === bay.place);
  const occupied = io?.presence === "present";
  const fault = Boolean(io?.smoke) || bay.io.quality !== "good" || io?.presence === "contradiction";
  return {
    number: bay.number,
    name: bay.isolation ? t("isolation") : bay.transit ? t("transit") : String(bay.number),
    word: locked ? t("locked_out") : word(bay),
    kind: fault ? "fault" : locked ? "locked" : occupied ? "occupied" : "empty",
    battery: bay.battery ?? (occupied ? t("unknown") : ""),
    soc_pct: bay.soc_pct,
    ...output(bay),
    temperature_c: bay.charge.value?.max_temperature_c ?? null,
    good: bay.io.quality === "good",
    apart,
  };
}

function word(bay: Bay): string {
  const io = bay.io.value, charge = bay.charge.value;
  if (!io || bay.io.quality !== "good") return t("no_data");
  if (io.smoke) return t("smoke");
  if (io.presence !== "present") return t(io.presence);
  if (bay.isolation || bay.transit) return t("present");
  if (bay.charging === "charger" && bay.charger.value) return t(`charger.${bay.charger.value.state}`);
  return charge ? t(`phase.${charge.phase}`) : t("no_data");
}
