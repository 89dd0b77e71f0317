// Commands: what a person asked, and what became of it. The wished state is never shown as a fact.

import { DONE, RUNNING } from "./outcome";
import { snapshot } from "./live.svelte";
import { headers } from "./session.svelte";
import { either } from "./text.svelte";
import type { Problem, Snapshot } from "./types";

export type Phase = "sent" | "accepted" | "running" | "done" | "refused" | "no_answer" | "blocked";

export interface Said {
  /** What was asked, in the person's language. */
  label: string;
  phase: Phase;
  why: string;
}

const NO_ANSWER_AFTER_MS = 3000;

interface Asked {
  label: string;
  action: string;
  phase: Phase;
  why: string;
}

let last = $state.raw<Asked | null>(null);
let count = $state(0);

/** The last command with its present phase; null before any. */
export function lastSaid(): Said | null {
  const now = snapshot();
  return last && { label: last.label, phase: now ? followed(last, now) : last.phase, why: last.why };
}

/** Grows with each command, so that the same words twice are seen twice. */
export function commandCount(): number {
  return count;
}

export function forgetSaid(): void {
  last = null;
}

function followed(asked: Asked, now: Snapshot): Phase {
  if (asked.phase !== "accepted") return asked.phase;
  if (DONE[asked.action]?.(now)) return "done";
  return RUNNING[asked.action]?.(now) ? "running" : "accepted";
}

/** Say why something is not asked at all: the station would refuse it. */
export function sayBlocked(label: string, why: string): void {
  last = { label, action: "", phase: "blocked", why };
}

export interface Order {
  label: string;
  path: string;
  body?: object | null;
  method?: "POST" | "PUT" | "PATCH" | "DELETE";
  /** The action of the snapshot that it belongs to, "" for one that has none. */
  action?: string;
  /** What a person was shown, as the server named it. */
  confirmation?: string;
  refused?: (problem: Problem) => void;
}

/** Not crypto.randomUUID: a browser has that only where it trusts the certificate. */
function requestKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a command; what the server answered, null unless it accepted. */
export async function send({ label, path, body = null, method = "POST", action = "", confirmation, refused }: Order): Promise<unknown> {
  const mine = ++count;
  const say = (phase: Phase, why = ""): null => {
    if (mine === count) last = { label, action, phase, why };
    return null;
  };
  say("sent");
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: { ...headers(), "Idempotency-Key": requestKey(), ...(confirmation ? { "X-Confirmation": confirmation } : {}) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(NO_ANSWER_AFTER_MS),
  }).catch(() => null);
  if (!answer) return say("no_answer");
  const told: unknown = await answer.json().catch(() => ({}));
  if (answer.ok) {
    say("accepted");
    return told;
  }
  refused?.(told as Problem);
  return say("refused", refusal(told as Problem, answer.status));
}

/** Why the server refused, in words. */
export function refusal(told: Problem, status: number): string {
  const reasons = (told.reasons ?? []).map((each) => either(each, each.code)).join(", ");
  const title = told.title && told.title_zh ? either({ zh: told.title_zh, en: told.title }, "") : String(status);
  const fields = (told.errors ?? []).map((each) => `${each.field}: ${each.allowed}`).join("; ");
  return [reasons || title, told.detail, fields].filter(Boolean).join(" ");
}
