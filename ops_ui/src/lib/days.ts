// The station's days: UTC+8, whatever zone this browser is in.

export const DAY_MS = 86_400_000;
const STATION_MS = 8 * 3_600_000;

/** The station's day of an instant (ms since 1970), as 2026-11-30. */
export function stationDay(at_ms: number): string {
  return new Date(at_ms + STATION_MS).toISOString().slice(0, 10);
}
