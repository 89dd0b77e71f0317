// The words of one alarm, from the server's catalogue.

import { definition, reasonText } from "./catalogues.svelte";
import { language } from "./text.svelte";
import type { Alarm } from "./types";

export function title(alarm: Alarm): string {
  return definition(alarm.code)?.[language()].title ?? alarm.code;
}

/** What the device said besides: codes in it become words. */
export function detail(alarm: Alarm): string {
  return alarm.detail.split(/(: |, )/).map(reasonText).join("");
}

export function line(alarm: Alarm): string {
  const said = detail(alarm);
  return `${title(alarm)} · ${alarm.source}${said ? ` · ${said}` : ""}`;
}
