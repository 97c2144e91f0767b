/** Where messages of one channel go. `options` come from the channel's own schema. Secrets are binding names. */
export interface Endpoint {
  /** A channel of the registry, such as `slack`. */
  channel: string;
  options: Readonly<Record<string, unknown>>;
  /** Whether resolves are sent. Default true. */
  sendResolved: boolean;
  /** Templates that take the place of a message's built-in words; see `notify/message/message-template.ts`. */
  title?: string;
  text?: string;
}

/** A receiver. One without endpoints notifies nobody on purpose, as a `null` receiver of Alertmanager. */
export interface Receiver {
  name: string;
  endpoints: readonly Endpoint[];
}
