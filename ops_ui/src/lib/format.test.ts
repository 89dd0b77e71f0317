import { expect, it } from "vitest";
import { bare, clock, instant, number, seconds } from "./format";

it("never shows zero for what is not known", () => {
  expect(number(null, "kW")).toBe("? kW");
  expect(number(0, "kW")).toBe("0 kW");
  expect(bare(undefined)).toBe("?");
  expect(seconds(null)).toBe("?");
});

it("tells the time of the station whatever zone the browser is in", () => {
  expect(clock("2026-11-21T07:28:00Z", "zh")).toBe("15:28");
  expect(clock("2026-11-21T16:05:00Z", "en")).toBe("00:05");
  expect(clock(null, "en")).toBe("");
  expect(instant("2026-11-21T16:05:00Z", "en")).toContain("22/11/2026");
});

it("tells long times in minutes", () => {
  expect(seconds(42.4)).toBe("42 s");
  expect(seconds(185)).toBe("3:05");
});
