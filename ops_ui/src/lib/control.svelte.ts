// From where the station is moved now, and what of it this person may do from here. Both lists are the server's.

import { reasonText } from "./catalogues.svelte";
import { send, type Order } from "./commands.svelte";
import { control } from "./live.svelte";
import { look } from "./look.svelte";
import { reachTable } from "./reach.svelte";
import { goesTo, type Call } from "./routes";
import { session } from "./session.svelte";
import { ask } from "./sheet.svelte";
import { t } from "./text.svelte";

const inCabin = (): boolean => session()?.kind === "cabin";

/** Why the server would not take an order from this person here, in its own words; "" where it would. */
export function barred(order: Call): string {
  const may = session()?.may ?? [];
  if (!may.some((route) => goesTo(route, order))) return reasonText("not_your_role");
  const from = inCabin() ? undefined : Object.entries(reachTable()).find(([route]) => goesTo(route, order))?.[1];
  if (from === "cabin") return reasonText("only_in_the_cabin");
  return from === "control" && !control()?.yours ? reasonText("control_elsewhere") : "";
}

/** Why nothing that moves is begun on this device; "" where it may be. */
export function tooSmall(moves: boolean): string {
  return moves && look.phone ? t("phone_no_motion") : "";
}

/** Whose move is next, seen from here. */
export type Standing = "here" | "mine" | "offered" | "wished" | "elsewhere" | "taken" | "asked" | "waits";

export function standing(): Standing {
  const now = control();
  const me = session()?.account;
  if (!now) return "here";
  if (now.yours) return now.asked_by ? "asked" : now.offered_to ? "waits" : inCabin() ? "here" : "mine";
  if (inCabin()) return "taken";
  return now.offered_to === me ? "offered" : now.asked_by === me ? "wished" : "elsewhere";
}

const order = (label: string, path: string, body: object | null = null): Order => ({ label, path: `/control/${path}`, body });

/** In the cabin it comes at once; at a distance the one who takes it answers for what moves there. */
export function take(): void {
  const wanted = order(t(inCabin() ? "control_back" : "control_take"), "take");
  if (inCabin()) void send(wanted);
  else ask({ order: wanted, effect: t("effect.control_take") });
}

export function handOver(account: string): void {
  ask({ order: order(t("control_hand_over"), "hand-over", { account }), effect: t("effect.control_hand_over"), device: account });
}

/** Back to the cabin: toward safe. */
export function giveBack(): void {
  void send(order(t("control_give_back"), "hand-over", { account: "" }));
}
