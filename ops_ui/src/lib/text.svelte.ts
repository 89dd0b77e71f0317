// The words of the page: one typed dictionary per language, zh the source. A missing key does not compile.

import { en } from "../texts/en";
import { zh, type Key } from "../texts/zh";
import type { Both } from "./types";

export type Language = "zh" | "en";
const KEPT_AS = "swapstation.language";

let chosen = $state<Language>(localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh");

/** The language of the page. */
export function language(): Language {
  return chosen;
}

/** Switch to the other language, and remember it. */
export function switchLanguage(): void {
  chosen = chosen === "zh" ? "en" : "zh";
  localStorage.setItem(KEPT_AS, chosen);
}

/** A text of the page, with `{name}` replaced by its value. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const said: string = (chosen === "zh" ? zh : en)[key];
  return said.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Whether a word that came from outside is one of ours. */
export function isKey(word: string): word is Key {
  return word in zh;
}

/** Our word for a code of an open set; what is no code of ours stands for itself. */
export function word(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return isKey(key) ? t(key) : code;
}

/** A text that the server has in both languages. */
export function either(both: Both | undefined, fallback: string): string {
  return both ? both[chosen] : fallback;
}
