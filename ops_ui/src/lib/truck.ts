// What is shown of the truck, the robot and the safety chain, as rows of label, words and trust.

import { number } from "./format";
import { t } from "./text.svelte";
import type { Key } from "../texts/zh";
import type { Snapshot } from "./types";

export interface Row {
  label: Key;
  value: string;
  bad: boolean;
}

export function truckRows(now: Snapshot): Row[] {
  const said = now.truck.value, bad = now.truck.quality !== "good";
  if (!said) return [];
  const rows: [Key, string][] = [
    ["vin", said.vin ?? t("unknown")],
    ["lock", t(`lock.${said.lock}`)],
    ["brake", t(said.parking_brake_set ? "set" : "not_set")],
    ["hv", t(said.hv_powered_down ? "hv_down" : "hv_up")],
    ["key", t(said.key_off ? "off" : "on")],
    ["gear", t(said.gear_neutral ? "neutral" : "not_neutral")],
    ["battery", `${t(said.battery_present ? "present" : "empty")}, ${number(said.soc_pct, "%")}`],
  ];
  return rows.map(([label, value]) => ({ label, value, bad }));
}

/** Metres of the three axes. */
export function axes(now: Snapshot): string {
  const said = now.robot.value;
  return said ? [said.x_mm, said.y_mm, said.z_mm].map((each) => (each / 1000).toFixed(2)).join(" / ") : "?";
}

export function robotRows(now: Snapshot): Row[] {
  const said = now.robot.value, bad = now.robot.quality !== "good";
  if (!said) return [{ label: "state", value: t("no_data"), bad }];
  return [
    { label: "state", value: t(`robot.${said.state}`), bad },
    { label: "step", value: t(`step.${said.step}`), bad },
    { label: "position", value: `${axes(now)} m`, bad },
    { label: "load", value: number(said.load_kg, "kg"), bad },
  ];
}

export interface ChainLink {
  label: Key;
  ok: boolean | null;
}

/** The inputs of the safety chain; null: not known. */
export function chain(now: Snapshot): ChainLink[] {
  const said = now.safety.quality === "good" ? now.safety.value : null;
  return [
    { label: "estop", ok: said?.estop_ok ?? null },
    { label: "doors", ok: said?.doors_closed ?? null },
    { label: "curtain", ok: said?.light_curtain_clear ?? null },
    { label: "overtravel", ok: said?.overtravel_ok ?? null },
    { label: "fire_signal", ok: said?.fire_ok ?? null },
  ];
}
