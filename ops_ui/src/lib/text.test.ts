// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { en } from "../texts/en";
import { zh } from "../texts/zh";
import { t, word } from "./text.svelte";

it("has every text in both languages with the same values in it", () => {
  const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!).sort();
  expect(Object.keys(en)).toEqual(Object.keys(zh));
  for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
    expect(en[key], key).not.toBe("");
    expect(names(en[key]), key).toEqual(names(zh[key]));
  }
});

it("fills values in and leaves unknown codes as they are", () => {
  expect(t("following", { count: 3 })).toContain("3");
  expect(word("sensed", "present")).toBe(zh["sensed.present"]);
  expect(word("sensed", "B003")).toBe("B003");
});
