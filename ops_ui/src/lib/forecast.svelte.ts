// The forecast of the plan that is followed: read once for each plan, not with each snapshot.

import { api } from "./get";
import type { Plan } from "./types";

const AGAIN_MS = 1000;

let kept = $state.raw<Plan | null>(null);
let askedFor: string | null = null;

/** The forecast that was read last; null: no plan is followed, or it is not here yet. */
export function forecast(): Plan | null {
  return kept;
}

/** Read the forecast of a plan unless it is the one that was read last. */
export async function follow(plan: string | null): Promise<void> {
  if (plan === askedFor) return;
  askedFor = plan;
  const { data } = plan ? await api.GET("/api/v1/plan").catch(() => ({ data: undefined })) : { data: undefined };
  kept = data?.plan ?? null;
  if (plan && !kept?.steps.length) setTimeout(() => (askedFor = null), AGAIN_MS); // a moment too early
}
