// Moments of the past in words, and what held at an instant: state, mode and step follow from the moments before it.

import { definition, reasonText } from "./catalogues.svelte";
import { isKey, t } from "./text.svelte";
import type { Moment } from "./types";

export const TRACKS = ["state", "step", "command", "battery", "alarm", "person", "charge"] as const;
export type TrackName = (typeof TRACKS)[number];

export const atS = (moment: Moment): number => Date.parse(moment.at) / 1000;

/** The first of our words for a code; a code that is none of ours stands for itself. */
function wordOf(prefixes: readonly string[], code: string): string {
  for (const prefix of prefixes) {
    const key = prefix.endsWith("_") ? `${prefix}${code}` : `${prefix}.${code}`;
    if (isKey(key)) return t(key);
  }
  return code;
}

const STEP = ["swap_step", "do.start_job_", "moment"], OUTCOME = ["moment", "outcome"];

/** Row of words for each track: what, then about what. */
const WORDS: Record<string, (moment: Moment, names: Names) => string[]> = {
  state: ({ code, subject }) => [wordOf(["state", "mode", "moment"], code), code === "boot" ? `#${subject}` : reasonText(subject)],
  step: ({ code }) => [wordOf(STEP, code)],
  command: ({ code, subject }, names) => [commandName(names.get(subject), code), wordOf(["command", ...OUTCOME], code), `#${subject}`],
  battery: ({ code, subject }) => (isKey(`moment.${code}`) ? [subject, wordOf(OUTCOME, code)] : [`${subject} → ${code}`]),
  alarm: ({ code, subject }) => [alarmName(subject), wordOf(["moment"], code)],
  person: ({ code, subject }) => [wordOf(["request", "do", "moment"], code), subject === "accepted" ? "" : reasonText(subject)],
  charge: ({ code, subject }) => [`${t("bay")} ${subject}`, wordOf(["moment"], code)],
};

/** The command that an outcome belongs to; "" for the command itself, and where nothing tells. */
function commandName(named: string | undefined, code: string): string {
  return named && named !== code ? wordOf(["command"], named) : "";
}

function alarmName(alarm: string): string {
  const [code, source] = alarm.split("@");
  const said = definition(code ?? alarm);
  return said ? `${reasonText(code ?? alarm)} · ${source ?? ""}` : alarm;
}

/** Number of a command -> which command it is: how it ended is told with the number only. */
export type Names = ReadonlyMap<string, string>;

export function commandNames(moments: readonly Moment[]): Names {
  return new Map(moments.filter((each) => each.track === "command" && "command" in each.body).map((each) => [each.subject, each.code]));
}

export function momentWords(moment: Moment, names: Names = new Map()): string {
  const told = WORDS[moment.track]?.(moment, names) ?? [moment.code, moment.subject];
  return told.filter(Boolean).join(" · ");
}

/** A stretch on a track during which one thing held; `code` null: not known. */
export interface Stretch {
  from_s: number;
  until_s: number;
  words: string;
  code: string;
}

/** Stretches between the moments of a track whose event has a `before` and an `after` (states, steps). */
export function stretches(moments: readonly Moment[], track: "state" | "step", first_s: number, last_s: number): Stretch[] {
  const told = moments.filter((each) => each.track === track && (ends(each) || (typeof each.body.after === "string" && !isMode(each))));
  const found: Stretch[] = [];
  const begun = told[0];
  if (begun && typeof begun.body.before === "string" && begun.body.before) found.push(stretch(begun.body.before, track, first_s, atS(begun)));
  told.forEach((each, index) => {
    const next = told[index + 1];
    if (!ends(each)) found.push(stretch(each.code, track, atS(each), next ? atS(next) : last_s));
  });
  return found;
}

/** The end of a swap or a job: no step follows. */
const ends = (moment: Moment): boolean => moment.track === "step" && "result" in moment.body;
/** A change of the mode is told on the track of states too; only it has a person. */
const isMode = (moment: Moment): boolean => moment.track === "state" && "person" in moment.body;

function stretch(code: string, track: "state" | "step", from_s: number, until_s: number): Stretch {
  return { from_s, until_s, code, words: wordOf(track === "state" ? ["state"] : STEP, code) };
}

/** What held at an instant; null where the moments do not say. */
export function stretchAt(all: readonly Stretch[], at_s: number): Stretch | null {
  return all.find((each) => each.from_s <= at_s && at_s < each.until_s) ?? null;
}
