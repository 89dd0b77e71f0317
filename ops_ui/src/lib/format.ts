// Numbers and times for people. What is not known is "?", never 0 and never blank.

/** A number with its unit. */
export function number(value: number | null | undefined, unit: string, digits = 0): string {
  return `${bare(value, digits)} ${unit}`;
}

/** A number alone. */
export function bare(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined ? "?" : value.toFixed(digits);
}

const HERE = { timeZone: "Asia/Shanghai", hour12: false } as const;
const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;

/** Time of day at the station; "" for none. */
export function clock(at: string | Date | null | undefined, language: "zh" | "en", style: "short" | "medium" = "short"): string {
  return at ? new Intl.DateTimeFormat(LOCALES[language], { ...HERE, timeStyle: style }).format(new Date(at)) : "";
}

/** Date and time of day at the station; "" for none. */
export function instant(at: string | Date | null | undefined, language: "zh" | "en"): string {
  if (!at) return "";
  return new Intl.DateTimeFormat(LOCALES[language], { ...HERE, dateStyle: "short", timeStyle: "short" }).format(new Date(at));
}

/** A length of time: 42 s, 3:05. */
export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "?";
  const whole = Math.round(value);
  return whole < 100 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** An amount of money as a bill has it: 154.2 is 154.20. */
export function amount(value: string): string {
  return Number(value).toFixed(2);
}
