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

/** A way to notify people. One file each; the registry has the only list. */
export interface Channel<Options = unknown> {
  channel: string;
  /** One sentence for the documentation. */
  doc: string;
  /** Present where a machine reads the messages, so that title and text of a template have no place in them. */
  isForMachines?: true;
  /** Keys of an endpoint in `watch.yaml`, with descriptions. A `z.strictObject`; secrets are binding names. */
  options: z.ZodType<Options>;
  /** Names of the bindings that the options mention, for checks before a deploy. */
  bindings(options: Options): readonly string[];
  /** URLs in the options that are not secret, by key; the configuration checks where they lead. */
  urls(options: Options): Readonly<Record<string, string>>;
  /**
   * Present where the other side forgets alerts: firing ones are sent again every `everyMs`, resolved ones for
   * `resolvedForMs` more.
   */
  refresh?: { everyMs: number; resolvedForMs: number };
  /** Sends one message once. Expected failure is in the answer; what it throws is a bug. Never follows a redirect. */
  send(message: Message, options: Options, deps: ChannelDeps): Promise<Delivery>;
}
