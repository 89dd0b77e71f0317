// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { rowAt, samples } from "./frames";
import { commandNames, momentWords, stretchAt, stretches } from "./moments";
import { NOTHING, pastSnapshot } from "./past";
import type { Frames, Moment, Snapshot } from "./types";

const ROBOT: Frames = { kind: "robot", step_s: 1, idle_s: 60, broken: [], columns: ["state", "x_mm"], series: { robot: [[100, "idle", 0], [110, "busy", 500], [300, "idle", 900]] } };

it("says what held at an instant and nothing where there is a gap", () => {
  expect(rowAt(ROBOT, "robot", 99)).toBeNull();
  expect(rowAt(ROBOT, "robot", 109.9)).toEqual({ state: "idle", x_mm: 0 });
  expect(rowAt(ROBOT, "robot", 110)).toEqual({ state: "busy", x_mm: 500 });
  expect(rowAt(ROBOT, "robot", 200)).toBeNull();
  expect(rowAt(ROBOT, "crane", 110)).toBeNull();
  expect(samples(ROBOT, "robot", "x_mm").map((each) => each.value)).toEqual([null, 0, 500, null, 900]);
});

const moment = (at_s: number, track: Moment["track"], code: string, body: Moment["body"] = {}, subject = ""): Moment =>
  ({ sequence: at_s, at: new Date(at_s * 1000).toISOString(), track, code, subject, person: "", body });

it("knows states and steps between the moments, and none after the end", () => {
  const moments = [
    moment(10, "state", "execute", { before: "idle", after: "execute" }), moment(11, "step", "lift", { before: "", after: "lift" }),
    moment(15, "state", "maintenance", { before: "automatic", after: "maintenance", person: "li" }), moment(20, "step", "completed", { result: "completed" }),
  ];
  const states = stretches(moments, "state", 0, 100), steps = stretches(moments, "step", 0, 100);
  expect([5, 10, 99].map((at_s) => stretchAt(states, at_s)?.code)).toEqual(["idle", "execute", "execute"]);
  expect([5, 11, 19, 20].map((at_s) => stretchAt(steps, at_s)?.code)).toEqual([undefined, "lift", "lift", undefined]);
});

it("has words for what people did, and leaves unknown codes as they are", () => {
  expect(momentWords(moment(1, "person", "hold", {}, "accepted"))).toBe("停止动作");
  expect(momentWords(moment(1, "battery", "bay-3", {}, "B001"))).toBe("B001 → bay-3");
  expect(momentWords(moment(1, "command", "FlyAway", {}, "7"))).toBe("FlyAway · #7");
  const lift = [moment(1, "command", "LiftBattery", { command: "LiftBattery" }, "7"), moment(2, "command", "done", { outcome: "done" }, "7")];
  expect(lift.map((each) => momentWords(each, commandNames(lift)))).toEqual(["吊起电池 · #7", "吊起电池 · 已完成 · #7"]);
});

it("shows the past and nothing of the present", () => {
  const bay = { number: 1, place: "bay-1", battery: "NOW", soc_pct: 50, io: { value: { presence: "present" }, age_s: 0, quality: "good" } };
  const now = { bays: [bay], robot: { value: { x_mm: 7 }, quality: "good" }, fire: { reaction: { causes: ["now"] } }, inventory: { holds: [{}] } } as unknown as Snapshot;
  const past = pastSnapshot(now, { ...NOTHING, robot: ROBOT }, 110);
  expect(past.robot.value?.x_mm).toBe(500);
  expect([past.bays[0]?.battery, past.bays[0]?.soc_pct, past.bays[0]?.io.quality, past.truck.value, past.safety.value]).toEqual([null, null, "never", null, null]);
  expect([past.fire.reaction.causes, past.inventory.holds]).toEqual([[], []]);
});
