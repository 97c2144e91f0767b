/** A binding that makes requests: a VPC service or network, a client certificate, another Worker. */
export interface FetcherBinding {
  fetch(request: Request): Promise<Response>;
}

/** Thrown for a call through a binding that cannot be used here at all, whoever is called. */
export class UnusableBinding extends Error {
  override name = "UnusableBinding";
}

/** The fetcher that is bound to a name; undefined where nothing is, or something that makes no requests. */
export function fetcherOf(env: object, name: string): FetcherBinding | undefined {
  const value: unknown = Reflect.get(env, name);
  const isFetcher = typeof value === "object" && value !== null && typeof Reflect.get(value, "fetch") === "function";
  return isFetcher ? (value as FetcherBinding) : undefined;
}
