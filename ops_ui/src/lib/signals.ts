// Which recorded signals show what an alarm is about: one row for each kind of device.

import { bayOf } from "./alarms";
import type { Snapshot } from "./types";
import type { Key } from "../texts/zh";

export interface SignalName {
  kind: string;
  series: string;
  column: string;
  label: Key;
  unit: string;
}

const OF_DEVICE: Record<string, SignalName[]> = {
  robot: [{ kind: "robot", series: "robot", column: "load_kg", label: "load", unit: "kg" }, { kind: "robot", series: "robot", column: "z_mm", label: "height", unit: "mm" }],
  meter: [{ kind: "meter", series: "site", column: "power_kw", label: "grid", unit: "kW" }],
};

/** The signals beside an alarm of a device; none where nothing is recorded of it. */
export function signalsOf(source: string, now: Snapshot): SignalName[] {
  const number = bayOf(source);
  if (number === null) return OF_DEVICE[source.split(":")[0] ?? ""] ?? [];
  const battery = now.bays.find((each) => each.number === number)?.battery;
  const place: SignalName = { kind: "environment", series: `bay-${number}`, column: "temperature_c", label: "bay_temperature", unit: "°C" };
  if (!battery) return [place];
  const pack = { kind: "pack", series: battery };
  return [{ ...pack, column: "max_temperature_c", label: "temperature", unit: "°C" }, { ...pack, column: "current_a", label: "current", unit: "A" }, place];
}
