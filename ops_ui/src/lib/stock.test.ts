import { expect, it } from "vitest";
import { bodyOf, byPlace, WORKS } from "./stock";
import type { Battery } from "./types";

const battery = (name: string, place: string, given: Partial<Battery> = {}): Battery =>
  ({ battery: name, place, quarantined: false, doubtful: false, release_asked_by: "", ...given }) as Battery;

it("says only what was written", () => {
  expect(bodyOf(["place", "codes", "soc_pct"], { place: " ", codes: "ab, cd\nef", soc_pct: "40" })).toEqual({ codes: ["AB", "CD", "EF"], soc_pct: 40 });
  expect(bodyOf(["place"], {})).toEqual({});
});

it("lists bays by number, then trucks and what is away", () => {
  const listed = byPlace([battery("d", "away:d"), battery("c", "truck:X"), battery("b", "bay-10"), battery("a", "bay-9")]);
  expect(listed.map((each) => each.battery)).toEqual(["a", "b", "d", "c"]);
});

it("offers a quarantine, its release, or the second person's word, and never two of them", () => {
  const offered = (given: Partial<Battery>): string[] => WORKS.filter((work) => work.fits(battery("a", "bay-1", given))).map((work) => work.path);
  expect(offered({})).toContain("quarantine");
  expect(offered({ quarantined: true })).toContain("release");
  expect(offered({ quarantined: true, release_asked_by: "li" })).toContain("confirm-release");
  for (const given of [{}, { quarantined: true }, { quarantined: true, release_asked_by: "li" }]) {
    expect(offered(given).filter((path) => path.includes("release") || path === "quarantine")).toHaveLength(1);
  }
});
