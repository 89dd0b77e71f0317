// The server's table of what may be done from where.

import { api } from "./get";

/** `control`: where control is; `cabin`: in the cabin only. */
export type Reach = "control" | "cabin";

let reach = $state.raw<Readonly<Record<string, Reach>>>({});

export async function loadReach(): Promise<void> {
  const answer = await api.GET("/api/v1/control/reach").catch(() => null);
  if (answer?.data) reach = answer.data as Record<string, Reach>;
}

/** Method and path -> from where; what is not in it may be done from anywhere. */
export function reachTable(): Readonly<Record<string, Reach>> {
  return reach;
}
