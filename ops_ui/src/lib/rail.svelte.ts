// The span of the robot's rail: the snapshot tells no geometry, so it is what was measured since the page was opened.

const LEAST_SPAN_MM = 24_000;

let lowest = $state(0);
let highest = $state(LEAST_SPAN_MM);

export function measured(x_mm: number): void {
  if (x_mm < lowest) lowest = x_mm;
  if (x_mm > highest) highest = x_mm;
}

/** Share of the rail from its one end, 0..1. */
export function share(x_mm: number): number {
  return Math.min(1, Math.max(0, (x_mm - lowest) / (highest - lowest)));
}
