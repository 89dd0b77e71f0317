import { expect, it } from "vitest";
import { sameAgain } from "./manual";

it("says exactly what the first person said", () => {
  expect(sameAgain("set_bypass", "presence_a bay-3 10 min")).toEqual({ path: "/bypasses", body: { input: "presence_a", bay: 3, minutes: 10 } });
  expect(sameAgain("set_bypass", "truck_in_position 30 min")).toEqual({ path: "/bypasses", body: { input: "truck_in_position", minutes: 30 } });
  expect(sameAgain("attest_identity", "S0001-00000068 B003")).toEqual({ path: "/swaps/S0001-00000068/attest", body: { battery: "B003" } });
  expect(sameAgain("launch", "x y")).toBeNull();
});
