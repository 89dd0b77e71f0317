// The station as it was: what telemetry says of an instant, in the shape that the drawing reads. What was not recorded is "never".

import { rowAt, seriesOf, type Shown } from "./frames";
import type { Bay, Frames, Robot, Seen, Snapshot, Truck } from "./types";

export const KINDS = ["robot", "truck", "safety", "pack", "environment", "meter"] as const;
export type Recorded = Record<(typeof KINDS)[number], Frames | null>;

export const NOTHING: Recorded = { robot: null, truck: null, safety: null, pack: null, environment: null, meter: null };

/** Step word of the robot PLC -> its number, as the live snapshot has it. */
const ROBOT_STEPS: Record<string, number> = {
  standby: 0, locate: 5, grip_old: 10, lift_old: 15, put_old: 20, pick_fresh: 25, place_fresh: 30, ungrip: 35, park: 45, home: 50, move_bay: 55,
};

const yes = (value: Shown[string] | undefined): boolean => value === 1;
const num = (value: Shown[string] | undefined): number | null => (typeof value === "number" ? value : null);
const seen = <T>(row: Shown | null, read: (row: Shown) => T): Seen<T> =>
  row ? { value: read(row), age_s: 0, quality: "good" } : { value: null, age_s: null, quality: "never" };

/** The present snapshot gives names and places; every value is of the instant `at_s` (s since 1970). */
export function pastSnapshot(now: Snapshot, recorded: Recorded, at_s: number): Snapshot {
  const safety = rowAt(recorded.safety, "station", at_s), truck = rowAt(recorded.truck, "lane", at_s);
  const never = { value: null, age_s: null, quality: "never" } as const;
  return {
    ...now,
    bays: now.bays.map((bay) => pastBay(bay, recorded, at_s)),
    robot: seen(rowAt(recorded.robot, "robot", at_s), (row) => pastRobot(row, truck)),
    truck: seen(truck, pastTruck),
    safety: seen(safety, (row) => ({
      estop_ok: yes(row.estop_ok), doors_closed: yes(row.doors_closed), light_curtain_clear: yes(row.light_curtain_clear),
      overtravel_ok: yes(row.overtravel_ok), fire_ok: yes(row.fire_ok), transfer_permitted: false, protocol_version: 0,
    })),
    meter: seen(rowAt(recorded.meter, "site", at_s), (row) => ({ address: "", energy_kwh: num(row.energy_kwh) ?? 0, power_kw: num(row.power_kw), voltages_v: [], currents_a: [] })),
    fire_panel: never,
    fire: { ...now.fire, reaction: { ...now.fire.reaction, causes: safety && !yes(safety.fire_ok) ? ["fire_ok"] : [] } },
    inventory: { ...now.inventory, holds: [] },
  };
}

// The drawing reads only what is here; the rest of a device was not recorded.
function pastRobot(row: Shown, truck: Shown | null): Robot {
  return {
    state: String(row.state), step: ROBOT_STEPS[String(row.step)] ?? 0, payload: yes(row.payload), gripped: yes(row.gripped), load_kg: num(row.load_kg) ?? 0,
    x_mm: num(row.x_mm) ?? 0, y_mm: num(row.y_mm) ?? 0, z_mm: num(row.z_mm) ?? 0, truck_in_position: yes(truck?.in_position),
    pose_x_mm: num(truck?.pose_x_mm) ?? 0, pose_y_mm: num(truck?.pose_y_mm) ?? 0, pose_yaw_mrad: num(truck?.pose_yaw_mrad) ?? 0,
  } as Robot;
}

function pastTruck(row: Shown): Truck {
  return {
    vin: row.vin === null ? null : String(row.vin), lock: String(row.lock_state), parking_brake_set: yes(row.parking_brake_set), key_off: yes(row.key_off),
    gear_neutral: yes(row.gear_neutral), hv_powered_down: yes(row.hv_powered_down), connector_mated: yes(row.connector_mated),
    battery_present: yes(row.battery_present), soc_pct: num(row.soc_pct),
  } as Truck;
}

function pastBay(bay: Bay, recorded: Recorded, at_s: number): Bay {
  const io = rowAt(recorded.environment, `bay-${bay.number}`, at_s);
  const battery = seriesOf(recorded.pack).find((each) => rowAt(recorded.pack, each, at_s)?.bay === `bay-${bay.number}`) ?? null;
  const pack = battery === null ? null : rowAt(recorded.pack, battery, at_s);
  const known = io !== null && io.presence !== null;
  return {
    ...bay,
    battery: io?.presence === "present" ? battery : null,
    soc_pct: num(pack?.soc_pct),
    io: seen(known ? io : null, (row) => ({ ...bay.io.value, presence: row.presence, contactor_closed: yes(row.contactor_closed), smoke: yes(row.smoke), temperature_c: num(row.temperature_c) }) as NonNullable<Bay["io"]["value"]>),
    charge: seen(pack?.phase ? pack : null, (row) => ({ phase: row.phase, voltage_v: num(row.voltage_v), current_a: num(row.current_a), soc_pct: num(row.soc_pct), max_temperature_c: num(row.max_temperature_c), faults: [] }) as unknown as NonNullable<Bay["charge"]["value"]>),
    modules: seen(num(pack?.output_current_a) === null ? null : pack, (row) => ({ voltage_v: num(row.output_voltage_v), current_a: num(row.output_current_a) }) as NonNullable<Bay["modules"]["value"]>),
    charger: { value: null, age_s: null, quality: "never" },
  };
}
