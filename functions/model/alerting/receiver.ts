/** Where messages of one channel go; the channel's own schema made `options`. Secrets are binding names. */
export interface Endpoint {
  /** A channel of the registry, such as `slack`. */
  channel: string;
  options: Readonly<Record<string, unknown>>;
  /** Tell it when alerts end. Default true. */
  sendResolved: boolean;
}

/** Somebody who is told, by one or more ways. */
export interface Receiver {
  name: string;
  endpoints: readonly Endpoint[];
}
