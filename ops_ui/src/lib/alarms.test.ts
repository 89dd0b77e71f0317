import { expect, it } from "vitest";
import { bayOf, following, roots, suppressed } from "./alarms";
import type { Alarm } from "./types";

function alarm(name: string, given: Partial<Alarm> = {}): Alarm {
  return {
    alarm: name, code: name, source: "robot", priority: 2, state: "unacknowledged", raised_at: "2026-11-21T06:30:00Z", detail: "",
    acknowledged_by: "", root: "", suppression: "none", suppressed_by: "", suppression_reason: "", suppressed_until: null, chattering: false, ...given,
  };
}

it("puts what nobody has seen first, then the gravest, then the first one", () => {
  const all = [
    alarm("seen", { priority: 1, state: "acknowledged" }),
    alarm("later", { raised_at: "2026-11-21T06:31:00Z" }),
    alarm("first"),
    alarm("grave", { priority: 1 }),
    alarm("explained", { root: "first" }),
    alarm("shelved", { suppression: "shelved" }),
  ];
  expect(roots(all).map((each) => each.alarm)).toEqual(["grave", "first", "later", "seen"]);
  expect(following(all, all[2]!).map((each) => each.alarm)).toEqual(["explained"]);
  expect(suppressed(all, "shelved").map((each) => each.alarm)).toEqual(["shelved"]);
});

it("knows the bay of a source", () => {
  expect(bayOf("bay-3")).toBe(3);
  expect(bayOf("bay-12:E17")).toBe(12);
  expect(bayOf("truck")).toBeNull();
});
