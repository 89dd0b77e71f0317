import { expect, it } from "vitest";
import { laneSign } from "./lane";
import type { Snapshot } from "./types";

function at(given: object): Snapshot {
  const robot = { truck_in_position: false, pose_x_mm: -240 };
  return {
    state: "idle", fire: { reaction: { confirmed: false } }, inventory: { mode: { mode: "automatic" } }, swap: null,
    truck: { quality: "good", value: { vin: "V" } }, robot: { quality: "good", value: robot }, ...given,
  } as unknown as Snapshot;
}

it("says wait whenever the picture may not be trusted", () => {
  expect(laneSign(at({}), false)).toMatchObject({ words: "lane_unsafe", stop: true });
  expect(laneSign(at({ robot: { quality: "stale", value: null } }), true)).toMatchObject({ words: "lane_wait", stop: true });
});

it("tells the driver how far it is, and to stop", () => {
  expect(laneSign(at({}), true)).toEqual({ words: "lane_go", stop: false, cm: 24 });
  expect(laneSign(at({ state: "held" }), true)).toMatchObject({ words: "lane_stop", stop: true });
  expect(laneSign(at({ truck: { quality: "never", value: null } }), true).words).toBe("lane_free");
  expect(laneSign(at({ fire: { reaction: { confirmed: true } } }), true).words).toBe("lane_fire");
});
