// What a screen reads besides the live stream: once when it opens, and again when a person asks for it.

export interface Feed<T> {
  readonly data: T | null;
  readonly status: "loading" | "here" | "failed" | "forbidden";
  read(): Promise<void>;
}

interface Answer<T> {
  data?: T;
  response: Response;
}

export function feed<T>(ask: () => Promise<Answer<T>>): Feed<T> {
  let data = $state.raw<T | null>(null);
  let status = $state<Feed<T>["status"]>("loading");
  const read = async (): Promise<void> => {
    const answer = await ask().catch(() => null);
    data = answer?.data ?? data;
    status = answer?.data !== undefined ? "here" : answer?.response.status === 403 ? "forbidden" : "failed";
  };
  void read();
  return { get data() { return data; }, get status() { return status; }, read };
}
