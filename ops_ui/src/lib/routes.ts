// Routes of the API as the server names them, `POST /bays/{number}/charge`, and the orders that go there.

export interface Call {
  path: string;
  method?: string;
}

/** Whether an order goes to a route. */
export function goesTo(route: string, { path, method = "POST" }: Call): boolean {
  const [of, ...parts] = route.split(/[ /]+/);
  const given = path.split("/").slice(1);
  return of === method && parts.length === given.length && parts.every((part, index) => part.startsWith("{") || part === given[index]);
}
