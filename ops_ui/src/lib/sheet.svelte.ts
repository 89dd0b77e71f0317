// The sheet before a command: what it does, what is missing, the reason where one is needed. Away from safe: a hold of 2 s.
// An order of the station is confirmed against what the server said when the sheet was shown: it refuses after a change.

import { refusal, send, type Order } from "./commands.svelte";
import { changes, type Change, type Facts } from "./facts";
import { api } from "./get";
import { t } from "./text.svelte";
import type { Confirmation, Problem } from "./types";

export interface Question {
  order: Order;
  /** What it does, in words. */
  effect: string;
  /** What it is done to: a bay, a truck, an account. */
  device?: string;
  /** The reason that is asked for goes into the body under `reason`. */
  wantsReason?: boolean;
  /** It only makes things safer: the sheet asks for what it needs, and one press does it. */
  towardSafe?: boolean;
  then?: (told: unknown) => void;
}

const SHOW_ANEW = ["state_changed", "confirmation_over"];
const RENEW_BEFORE_S = 10;

let asked = $state.raw<Question | null>(null);
let given = $state.raw<Confirmation | null>(null);
let first = $state.raw<Facts | null>(null);
let missing = $state("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function question(): Question | null {
  return asked;
}

/** Whether an order is confirmed by the server: every one of the station that is not toward safe. */
export function isConfirmed(wanted: Question): boolean {
  return Boolean(wanted.order.action) && !wanted.towardSafe;
}

/** What the server said; null while it has not. */
export function shownFacts(): Facts | null {
  return given?.facts ?? null;
}

/** What is no longer as it was when the sheet was opened. */
export function changed(): Change[] {
  return first && given ? changes(first, given.facts) : [];
}

/** Why there is no confirmation, in words; "" otherwise. */
export function whyMissing(): string {
  return missing;
}

export function ask(wanted: Question): void {
  first = null;
  open(wanted);
}

function open(wanted: Question): void {
  asked = wanted;
  given = null;
  missing = "";
  if (isConfirmed(wanted)) void renew();
}

export function dismiss(): void {
  asked = null;
  clearTimeout(timer);
}

/** Ask the server what it is now: at the opening, when something is seen to change, and before its word is too old. */
export async function renew(): Promise<void> {
  const mine = asked;
  if (!mine) return;
  clearTimeout(timer);
  const told = await api.POST("/api/v1/confirmations", { body: { action: mine.order.action ?? "" } }).catch(() => null);
  if (asked !== mine) return;
  given = told?.data ?? null;
  missing = given ? "" : told ? refusal(told.error as unknown as Problem, told.response.status) : t("phase_of.no_answer");
  if (!given) return;
  first ??= given.facts;
  timer = setTimeout(() => void renew(), (given.life_s - RENEW_BEFORE_S) * 1000);
}

/** The person held the button to its end, or pressed that of a command toward safe. */
export async function confirm(reason: string): Promise<void> {
  const mine = asked;
  const confirmation = given?.token;
  dismiss();
  if (!mine) return;
  const refused = (problem: Problem): void => {
    if (SHOW_ANEW.includes(problem.code ?? "")) open(mine);
  };
  const body = mine.wantsReason ? { ...mine.order.body, reason } : mine.order.body;
  const told = await send({ ...mine.order, body, confirmation, refused });
  if (told !== null) mine.then?.(told);
}
