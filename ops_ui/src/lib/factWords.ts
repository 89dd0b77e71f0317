// Names and values of the facts of a confirmation, in words.

import { reasonText } from "./catalogues.svelte";
import { codes } from "./facts";
import { language, t, word } from "./text.svelte";
import type { Snapshot } from "./types";
import type { Key } from "../texts/zh";

type Say = (value: string, now: Snapshot) => string;

const listed: Say = (value) => codes(value).map(reasonText).join(", ");
const SAFETY: Record<string, Key> = { closed: "safety_ok", open: "safety_open" };

const SAY: Record<string, Say> = {
  state: (value) => word("state", value),
  mode: (value) => word("mode", value),
  held: listed,
  reasons: listed,
  step: stepWords,
  safety: (value) => (SAFETY[value] ? t(SAFETY[value]) : value),
};

/** `lift (2)`: the title of the step, and which attempt it is. */
function stepWords(value: string, now: Snapshot): string {
  const [, name, attempt] = /^(\w+) \((\d+)\)$/.exec(value) ?? [];
  const step = now.swap?.steps.find((each) => each.name === name);
  return step ? `${language() === "zh" ? step.title_zh : step.title_en} (${attempt})` : value;
}

export function factName(name: string): string {
  return word("fact", name);
}

/** "-" is the server's word for "there is none". */
export function factValue(name: string, value: string, now: Snapshot): string {
  return value === "-" ? t("none") : (SAY[name]?.(value, now) ?? value);
}
