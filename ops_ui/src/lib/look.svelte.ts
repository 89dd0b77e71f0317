// How the page looks: day or night, scale, and which of the two layouts.

const NIGHT_AS = "swapstation.night", SCALE_AS = "swapstation.scale";
export const SCALES = ["1", "1.25", "1.5"] as const;

let night = $state(localStorage.getItem(NIGHT_AS) === "1");
let scale = $state(localStorage.getItem(SCALE_AS) ?? "1");
const wide = matchMedia("(min-width: 1024px)");
const phone = matchMedia("(max-width: 767px), (max-height: 500px)"); // also one that is held sideways
let isWide = $state(wide.matches);
let isPhone = $state(phone.matches);
wide.addEventListener("change", () => (isWide = wide.matches));
phone.addEventListener("change", () => (isPhone = phone.matches));

export const look = {
  get night() { return night; },
  get scale() { return scale; },
  /** Room for the drawing; below it the tiles. */
  get wide() { return isWide; },
  /** A phone: no motion is asked from it. */
  get phone() { return isPhone; },
};

export function switchNight(): void {
  night = !night;
  localStorage.setItem(NIGHT_AS, night ? "1" : "0");
}

export function setScale(chosen: string): void {
  scale = chosen;
  localStorage.setItem(SCALE_AS, chosen);
}
