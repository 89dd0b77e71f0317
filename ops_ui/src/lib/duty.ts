// What somebody far away asks first about a station, as rows.

import { number } from "./format";
import { reasonTexts } from "./catalogues.svelte";
import { t } from "./text.svelte";
import { robotRows, type Row } from "./truck";
import type { Snapshot } from "./types";

export function dutyRows(now: Snapshot): Row[] {
  const row = (label: Row["label"], value: string, bad = false): Row => ({ label, value, bad });
  const down = now.links.filter((each) => !each.connected).map((each) => each.name);
  const robot = robotRows(now)[0];
  return [
    row("state", t(`state.${now.state}`)),
    row("mode", t(`mode.${now.inventory.mode.mode}`)),
    ...(now.hold_reasons.length ? [row("held_because", reasonTexts(now.hold_reasons))] : []),
    row("robot", robot?.value ?? t("no_data"), robot?.bad ?? true),
    row("truck", now.truck.value ? (now.truck.value.vin ?? t("unknown")) : t("no_truck"), now.truck.value !== null && now.truck.quality !== "good"),
    row("grid", number(now.meter.value?.power_kw, "kW"), now.meter.quality !== "good"),
    row("fire", now.fire.reaction.causes.length ? now.fire.reaction.causes.join(", ") : t("none")),
    row("links", down.length ? `${t("link_down")}: ${down.join(", ")}` : t("link_up")),
  ];
}
