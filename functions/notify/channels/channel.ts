import type * as z from "zod";
import type { Delivery } from "../../model/alerting/delivery.ts";
import type { Message } from "../../model/alerting/message.ts";

/** What a channel needs of the world for one try. */
export interface ChannelDeps {
  /** The secret behind a binding's name, if it is bound. */
  secret: (name: string) => string | undefined;
  /** A platform binding that is no text, such as the one that sends e-mail. */
  binding: (name: string) => unknown;
  fetch: typeof fetch;
  /** Epoch ms. */
  now: () => number;
  /** A local run: messages may go out over http. */
  local: boolean;
  /** Aborts at the try's deadline. */
  signal: AbortSignal;
}

/** A way to tell people. One file each; the registry's list is the only one. */
export interface Channel<Options = unknown> {
  channel: string;
  /** One sentence for the documentation. */
  doc: string;
  /** Keys of an endpoint in `watch.yaml`, with descriptions. A `z.strictObject`; secrets are binding names. */
  options: z.ZodType<Options>;
  /** Names of the bindings that the options mention, for checks before a deploy. */
  bindings(options: Options): readonly string[];
  /** URLs that stand in the options in the clear, by key; the configuration checks where they lead. */
  urls(options: Options): Readonly<Record<string, string>>;
  /**
   * Where the other side forgets: it must hear of all that fires every `everyMs`, whether or not it is news, and of what
   * has resolved for `resolvedForMs` more.
   */
  refresh?: { everyMs: number; resolvedForMs: number };
  /** Sends one message once. Expected failure is in the answer; what it throws is a bug. Never follows a redirect. */
  send(message: Message, options: Options, deps: ChannelDeps): Promise<Delivery>;
}
