// The live stream: the snapshot is replaced whole, and an age timer of the page's own tells when nothing comes any more.

import { askWho, session } from "./session.svelte";
import { keepVersion } from "./version";
import { loadReach } from "./reach.svelte";
import { loadCatalogues } from "./catalogues.svelte";
import type { LiveMessage, Snapshot } from "./types";

const STALE_AFTER_S = 1.5;
const SERVER_LOST_AFTER_S = 2.5;
const LOOK_EVERY_MS = 200;
const RECONNECT_MS = 1000;

let message = $state.raw<LiveMessage | null>(null);
let messageAt = 0;
let now = $state(performance.now());
let socket: WebSocket | null = null;

/** The latest snapshot; null before the first. */
export function snapshot(): Snapshot | null {
  return message?.snapshot ?? null;
}

/** Whether a simulator plays the station, for people who train. */
export function isTraining(): boolean {
  return message?.training ?? false;
}

/** Where control of the station is; null before the server said. */
export function control(): LiveMessage["control"] | null {
  return message?.control ?? null;
}

/** Age of what is on the screen (s): what the server said, plus the time since then. */
export function ageS(): number | null {
  const told = message?.age_s ?? null;
  return told === null ? null : told + Math.max(0, now - messageAt) / 1000;
}

/** The time of this machine, as of the page's last look. */
export function wallClock(): Date {
  void now;
  return new Date();
}

export type Link = "fresh" | "none" | "link_lost" | "frozen" | "controller_away";

/** How far the picture may be trusted, and which link is the cause. */
export function linkState(): Link {
  const age = ageS();
  if (age !== null && age <= STALE_AFTER_S) return "fresh";
  if (message === null) return "none";
  if (now - messageAt > 1000 * SERVER_LOST_AFTER_S) return "link_lost";
  return message.connected ? "frozen" : "controller_away";
}

/** Go in when somebody is logged in; look again when the server did not say. Place and input of the page stay. */
export async function begin(): Promise<void> {
  const told = await askWho();
  if (!told) setTimeout(() => void begin(), RECONNECT_MS);
  else if (session()?.account) connect();
}

/** Open the stream; it is opened again whenever it ends. */
export function connect(): void {
  socket?.close();
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`);
  socket = opened;
  opened.onopen = () => {
    void loadCatalogues();
    void loadReach();
    void keepVersion();
  };
  opened.onmessage = (event: MessageEvent<string>) => {
    message = JSON.parse(event.data) as LiveMessage;
    messageAt = performance.now();
    now = messageAt;
  };
  opened.onclose = () => {
    if (socket === opened) setTimeout(() => void begin(), RECONNECT_MS);
  };
}

/** Let the age grow on the screen; ends with the returned function. */
export function watchAge(): () => void {
  const timer = setInterval(() => (now = performance.now()), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
