// A tone for alarms that nobody has seen. Silence is not an acknowledgement; a new alarm sounds again.

import { isSeen, roots } from "./alarms";
import type { Alarm } from "./types";

const EVERY_MS = 2000, TONE_S = 0.25, TONE_HZ = 880;

let heard = new Set<string>();
let sounding = $state(false);
let audio: AudioContext | null = null;

/** Whether the tone sounds now. */
export function isSounding(): boolean {
  return sounding;
}

/** Look at the alarms of a snapshot. */
export function listen(alarms: readonly Alarm[]): void {
  const unseen = roots(alarms).filter((each) => !isSeen(each) && each.priority < 4).map((each) => each.alarm);
  if (unseen.some((each) => !heard.has(each))) sounding = true;
  if (unseen.length === 0) sounding = false;
  heard = new Set(unseen);
}

export function silence(): void {
  sounding = false;
}

/** Browsers let a page sound only after somebody has touched it. */
export function allowSound(): void {
  audio ??= new AudioContext();
}

function tone(): void {
  if (!sounding || !audio) return;
  const oscillator = audio.createOscillator();
  oscillator.frequency.value = TONE_HZ;
  oscillator.connect(audio.destination);
  oscillator.start();
  oscillator.stop(audio.currentTime + TONE_S);
}

/** Sound until silenced; ends with the returned function. */
export function watchSound(): () => void {
  const timer = setInterval(tone, EVERY_MS);
  return () => clearInterval(timer);
}
