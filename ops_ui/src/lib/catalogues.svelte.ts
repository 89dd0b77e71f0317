// The server's catalogues: texts of alarms, of reasons and of the lane's signs in both languages.

import { clock } from "./format";
import { either, language } from "./text.svelte";
import type { AlarmDefinition, Both, LaneText, PlanReason } from "./types";

let alarms = $state.raw<Record<string, AlarmDefinition>>({});
let reasons = $state.raw<Record<string, Both>>({});
let signs = $state.raw<Record<string, LaneText>>({});

async function read<T>(name: string): Promise<T | null> {
  const answer = await fetch(`/api/v1/${name}`).catch(() => null);
  return answer?.ok ? ((await answer.json()) as T) : null;
}

export async function loadCatalogues(): Promise<void> {
  alarms = (await read<Record<string, AlarmDefinition>>("alarm-catalogue")) ?? alarms;
  reasons = (await read<Record<string, Both>>("reason-catalogue")) ?? reasons;
  signs = (await read<Record<string, LaneText>>("lane-sign-catalogue")) ?? signs;
}

/** What the catalogue says of an alarm; undefined for a code that it does not know. */
export function definition(code: string): AlarmDefinition | undefined {
  return alarms[code];
}

/** The words of a reason; a standing alarm can be one too; what is no code stays as it is. */
export function reasonText(code: string): string {
  const said = alarms[code];
  return either(reasons[code] ?? (said && { zh: said.zh.title, en: said.en.title }), code);
}

export function reasonTexts(codes: readonly string[]): string {
  return codes.map(reasonText).join(", ");
}

/** A word of the lane's signs; one that the catalogue does not have is a stop sign. */
export function laneText(word: string): { text: string; stop: boolean } {
  return { text: either(signs[word], word), stop: signs[word]?.stop ?? true };
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

/** The text of a plan's reason with its values in it; instants as times of day. */
export function why(reason: PlanReason): string {
  return reasonText(reason.code).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = reason.values[name] ?? "?";
    return INSTANT.test(value) ? clock(value, language()) : value;
  });
}
