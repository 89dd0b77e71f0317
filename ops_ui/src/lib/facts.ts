// What the server says a decision rests on, and what of it has become another since a person was shown it.

export type Facts = Readonly<Record<string, string>>;

export interface Change {
  name: string;
  before: string;
  after: string;
}

/** Facts that are not as they were; one that only one side has is "-" on the other. */
export function changes(before: Facts, after: Facts): Change[] {
  return Object.keys({ ...before, ...after })
    .map((name) => ({ name, before: before[name] ?? "-", after: after[name] ?? "-" }))
    .filter((each) => each.before !== each.after);
}

/** Codes of a fact that lists some, as `reasons`; none for "-". */
export function codes(fact: string | undefined): string[] {
  return !fact || fact === "-" ? [] : fact.split(", ");
}
