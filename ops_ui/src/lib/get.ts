// Reading beside the live stream: typed by the API's own description.

import createClient from "openapi-fetch";
import { headers } from "./session.svelte";
import type { Paths } from "./types";

/** fetch is looked up at each call: tests put their own in its place. */
export const api = createClient<Paths>({ baseUrl: "", fetch: (request) => globalThis.fetch(request), headers: {} });
api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headers())) request.headers.set(name, value);
    return request;
  },
});
