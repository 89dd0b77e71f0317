// Which screen is shown: the part of the address behind #, so that a reload keeps the place.

export const SCREENS = [
  "overview", "swap", "bays", "plan", "bookings", "alarms", "maintenance", "more",
  "stock", "reports", "users", "audit", "settings", "training", "handover", "duty", "lane", "replay", "upkeep", "uplinks", "money",
] as const;
export type Screen = (typeof SCREENS)[number];

let hash = $state(location.hash);
addEventListener("hashchange", () => (hash = location.hash));

const parts = (): string[] => hash.replace(/^#\/?/, "").split("/");

export function screen(): Screen {
  const named = parts()[0] ?? "";
  return SCREENS.find((each) => each === named) ?? "overview";
}

/** What follows the screen's name in the address: the number of a bay, the name of an alarm. */
export function detail(): string | null {
  const named = parts()[1];
  return named ? decodeURIComponent(named) : null;
}

export function address(screen: Screen, detail?: string | number): string {
  return `#/${screen}${detail === undefined ? "" : `/${encodeURIComponent(detail)}`}`;
}
