// What a screen reads besides the live stream: once when it opens, and again when a person asks for it.

export interface Feed<T> {
  readonly data: T | null;
  readonly status: "loading" | "here" | "none" | "failed" | "forbidden";
  read(): Promise<void>;
}

interface Answer<T> {
  data?: T;
  response: Response;
}

const REFUSED: Record<number, "forbidden" | "none"> = { 403: "forbidden", 404: "none" };

export function feed<T>(ask: () => Promise<Answer<T>>): Feed<T> {
  let data = $state.raw<T | null>(null);
  let status = $state<Feed<T>["status"]>("loading");
  const read = async (): Promise<void> => {
    const answer = await ask().catch(() => null);
    data = answer?.data ?? data;
    status = answer?.data !== undefined ? "here" : (REFUSED[answer?.response.status ?? 0] ?? "failed");
  };
  void read();
  return { get data() { return data; }, get status() { return status; }, read };
}
