// A server of another version needs its own page: this one is loaded again once nobody is in the middle of something.

let mine: string | null = null;

async function stamp(): Promise<string | null> {
  const answer = await fetch("build.json").catch(() => null);
  return answer?.ok ? answer.text() : null;
}

const busy = (): boolean => document.querySelector("dialog[open]") !== null || document.activeElement instanceof HTMLInputElement;

/** Called at each new connection: compare the server's page with this one. */
export async function keepVersion(): Promise<void> {
  const found = await stamp();
  if (found === null) return;
  mine ??= found;
  if (found === mine) return;
  if (!busy()) location.reload();
  else setTimeout(() => void keepVersion(), 5000);
}
