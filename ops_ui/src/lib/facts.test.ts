import { expect, it } from "vitest";
import { changes, codes } from "./facts";

it("tells what changed since a person was shown it, and nothing else", () => {
  const shown = { state: "held", held: "person", swap: "S-1" };
  expect(changes(shown, { ...shown })).toEqual([]);
  expect(changes(shown, { state: "held", held: "person, doors" })).toEqual([
    { name: "held", before: "person", after: "person, doors" }, { name: "swap", before: "S-1", after: "-" },
  ]);
});

it("reads lists of codes", () => {
  expect(codes("-")).toEqual([]);
  expect(codes("not_held, doors")).toEqual(["not_held", "doors"]);
});
