// What a replay shows: which stretch of the past, read once.

import { api } from "./get";
import { KINDS, type Recorded } from "./past";
import type { AlarmPeriod, Frames, Timeline } from "./types";

export interface Replay {
  title: string;
  /** Where it opens: the beginning of a swap, the first cause of a safety event (s since 1970). */
  opens_s: number;
  first_s: number;
  last_s: number;
  timeline: Timeline;
  alarms: readonly AlarmPeriod[];
}

const STEPS = 1200, S = 1000;
const SWAP = "swap:", EVENT = "event:";

export const ofSwap = (swap: string): string => SWAP + swap;
export const ofEvent = (event: string): string => EVENT + event;

/** Read what an address names; null where it names nothing on record. */
export async function readReplay(named: string): Promise<Replay | null> {
  if (named.startsWith(SWAP)) return readSwap(named.slice(SWAP.length));
  return named.startsWith(EVENT) ? readEvent(named.slice(EVENT.length)) : null;
}

async function readSwap(swap: string): Promise<Replay | null> {
  const [told, record] = await Promise.all([
    api.GET("/api/v1/swaps/{swap}/timeline", { params: { path: { swap } } }),
    api.GET("/api/v1/swaps/{swap}", { params: { path: { swap } } }),
  ]);
  if (!told.data || !record.data) return null;
  return withAlarms(told.data, record.data.vin, Date.parse(record.data.opened_at ?? told.data.first) / S);
}

async function readEvent(name: string): Promise<Replay | null> {
  const events = await api.GET("/api/v1/records/events");
  const event = events.data?.find((each) => each.event === name);
  if (!event?.first) return null;
  const first = event.first, last = new Date(Date.parse(first) + S * Math.max(event.recorded_s, 1)).toISOString();
  const told = await api.GET("/api/v1/timeline", { params: { query: { first, last } } });
  return told.data ? withAlarms(told.data, `${event.code}@${event.source}`, Date.parse(event.at ?? first) / S) : null;
}

async function withAlarms(timeline: Timeline, title: string, opens_s: number): Promise<Replay> {
  const { first, last } = timeline;
  const alarms = await api.GET("/api/v1/alarms/history", { params: { query: { first, last } } });
  return { title, opens_s, first_s: Date.parse(first) / S, last_s: Date.parse(last) / S, timeline, alarms: alarms.data ?? [] };
}

/** Telemetry of that time; it comes later than the events, and may not be there at all. */
export async function readRecorded({ first, last }: Timeline): Promise<Recorded> {
  const frames = await Promise.all(KINDS.map(async (kind) => {
    const told = await api.GET("/api/v1/records/frames/{kind}", { params: { path: { kind }, query: { first, last, most: STEPS } } }).catch(() => null);
    return [kind, (told?.data as Frames | undefined) ?? null] as const;
  }));
  return Object.fromEntries(frames) as Recorded;
}

/** Alarms that stood at an instant, the gravest first. */
export function standingAt(alarms: readonly AlarmPeriod[], at_s: number): AlarmPeriod[] {
  return alarms.filter((each) => Date.parse(each.alarm.raised_at) / S <= at_s && (each.gone_at === null || at_s < Date.parse(each.gone_at) / S))
    .sort((one, other) => one.alarm.priority - other.alarm.priority);
}
