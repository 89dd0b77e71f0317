// Contrasts of every pair of colours that the page puts on each other (WCAG 2.2), day and night.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/palette.css", "utf8");
const theme = (selector: string): Record<string, string> => {
  const block = new RegExp(`${selector} \\{([^}]*)\\}`).exec(css)?.[1] ?? "";
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9A-F]{6})/g)].map((found) => [found[1], found[2]]));
};
const THEMES = { day: theme(":root"), night: theme(":root\\.night") };

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
  return 0.2126 * parts[0]! + 0.7152 * parts[1]! + 0.0722 * parts[2]!;
}
function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const TEXT: [string, string][] = ["page", "panel", "raised", "well"].flatMap((ground) => ["ink", "ink2", "ink3"].map((text): [string, string] => [text, ground]));
TEXT.push(["live", "page"], ["live", "panel"], ["live", "raised"], ["act", "panel"], ["act", "raised"]);
TEXT.push(["p1-glyph", "p1"], ["glyph", "p2"], ["glyph", "p3"], ["diag-glyph", "diag"], ["prompt-glyph", "prompt"]);
const SHAPES: [string, string][] = [["ctl", "panel"], ["ctl", "raised"], ["soc", "panel"], ["prompt", "panel"], ["p1", "panel"], ["act", "page"]];

describe.each(Object.entries(THEMES))("%s", (name, colours) => {
  it.each(TEXT)("text %s on %s reads", (text, ground) => {
    expect(contrast(colours[text]!, colours[ground]!)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(SHAPES)("shape %s on %s is seen", (shape, ground) => {
    expect(contrast(colours[shape]!, colours[ground]!)).toBeGreaterThanOrEqual(3);
  });
  it("has an edge round every alarm that can be told from it", () => {
    if (name === "day") for (const priority of ["p2", "p3"]) expect(contrast(colours.edge!, colours[priority]!)).toBeGreaterThanOrEqual(3);
    expect(Object.keys(colours).sort()).toEqual(Object.keys(THEMES.day).sort());
  });
});
