// The sheet before a command: what it does, what is missing, the reason where one is needed. Away from safe: a hold of 2 s.

import { send, type Order } from "./commands.svelte";

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

let asked = $state.raw<Question | null>(null);

export function question(): Question | null {
  return asked;
}

export function ask(wanted: Question): void {
  asked = wanted;
}

export function dismiss(): void {
  asked = null;
}

/** The person held the button to its end, or pressed that of a command toward safe. */
export async function confirm(reason: string): Promise<void> {
  const { order, wantsReason, then } = asked ?? {};
  asked = null;
  if (!order) return;
  const told = await send(wantsReason ? { ...order, body: { ...order.body, reason } } : order);
  if (told !== null) then?.(told);
}
