// Who is logged in. Every request that changes something carries the page's token.

import type { Session } from "./types";

const SESSION = "/api/v1/session";
const TOLD_ACTIVE_EVERY_MS = 60_000;

/** null: not yet known. */
let present = $state.raw<Session | null>(null);
let toldActiveAt = 0;

export function session(): Session | null {
  return present;
}

export function admit(told: Session): void {
  present = told;
}

/** Headers of a request that changes something. */
export function headers(): Record<string, string> {
  const csrf = present?.csrf;
  return { "Content-Type": "application/json", ...(csrf ? { "X-CSRF-Token": csrf } : {}) };
}

/** Ask the server who this is; false: it did not say. */
export async function askWho(): Promise<boolean> {
  const answer = await fetch(SESSION).catch(() => null);
  if (!answer?.ok) return false;
  admit((await answer.json()) as Session);
  return true;
}

/** Knock at the door with what was given: the answer, or null when there was none. */
export async function knock(path: "" | "/claim", body: Record<string, string | undefined>): Promise<Response | null> {
  const answer = await fetch(SESSION + path, { method: "POST", headers: headers(), body: JSON.stringify(body) }).catch(() => null);
  if (answer?.ok) admit((await answer.clone().json()) as Session);
  return answer;
}

/** Leave: nothing of what this person saw stays in the page. */
export async function logOut(): Promise<void> {
  await fetch(SESSION, { method: "DELETE", headers: headers() }).catch(() => null);
  location.reload();
}

/** A session ends without its person: what people do is told, at most once a minute; what the page does is not. */
export function tellActive(): void {
  if (!present?.account || performance.now() - toldActiveAt < TOLD_ACTIVE_EVERY_MS) return;
  toldActiveAt = performance.now();
  void fetch(SESSION).catch(() => null);
}
