import { expect, it } from "vitest";
import { goesTo } from "./routes";

it("finds the route of an order", () => {
  expect(goesTo("POST /bays/{number}/charge", { path: "/bays/3/charge" })).toBe(true);
  expect(goesTo("POST /bays/{number}/charge", { path: "/bays/3/reset-charge" })).toBe(false);
  expect(goesTo("POST /bays/{number}/charge", { path: "/bays/3/charge/more" })).toBe(false);
  expect(goesTo("DELETE /bookings/{booking}", { path: "/bookings/BK-1", method: "DELETE" })).toBe(true);
  expect(goesTo("DELETE /bookings/{booking}", { path: "/bookings/BK-1" })).toBe(false);
  expect(goesTo("POST /jobs", { path: "/jobs" })).toBe(true);
});
