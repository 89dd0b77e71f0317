import { expect, it } from "vitest";
import { laneSign } from "./lane";
import type { Snapshot } from "./types";

const near = { lane_sign: { word: "lane_go", cm: 24 } } as unknown as Snapshot;

it("shows the station's word and how far it is", () => {
  expect(laneSign(near, true)).toEqual({ word: "lane_go", cm: 24 });
});

it("says that it knows nothing whenever the picture may not be trusted", () => {
  expect(laneSign(near, false)).toEqual({ word: "lane_unsafe", cm: null });
});
