import { type Receiver, startReceiver } from "../../receiver/server.ts";
import type { Delivered, ReceiverMode, Receivers } from "../world/receivers.ts";

/** Where each channel of a receiver takes messages. */
const PATHS = { webhook: "/webhook", pagerduty: "/v2/enqueue" } as const;
type Channel = keyof typeof PATHS;
const CHANNELS = Object.keys(PATHS) as Channel[];

/** A receiver's server on loopback. It treats messages as the script has it, and hands on what it took. */
export class RealReceiver {
  readonly #name: string;
  readonly #scripted: Receivers;
  readonly #server: Receiver;
  readonly #modes = new Map<Channel, string>();

  private constructor(name: string, scripted: Receivers, server: Receiver) {
    this.#name = name;
    this.#scripted = scripted;
    this.#server = server;
  }

  static async start(name: string, scripted: Receivers): Promise<RealReceiver> {
    return new RealReceiver(name, scripted, await startReceiver());
  }

  /** Its addresses by the origin that the configuration names. */
  get origins(): Record<string, string> {
    return Object.fromEntries(
      CHANNELS.map((channel) => [this.#originOf(channel), `${this.#server.url}${PATHS[channel]}`]),
    );
  }

  /** Origins that take connections and answer nothing. */
  get hanging(): string[] {
    return CHANNELS.filter((channel) => this.#modeOf(channel).kind === "hangs").map((channel) =>
      this.#originOf(channel),
    );
  }

  /** Behaves as the script has it now. */
  async follow(): Promise<void> {
    const modes = CHANNELS.map((channel) => [channel, this.#modeOf(channel)] as const);
    if (modes.every(([channel, mode]) => this.#modes.get(channel) === JSON.stringify(mode))) return;
    await ask(this.#server.url, "DELETE");
    for (const [channel, mode] of modes) {
      this.#modes.set(channel, JSON.stringify(mode));
      const fault = faultOf(mode);
      if (fault !== undefined) await ask(this.#server.url, "POST", { ...fault, channel });
    }
  }

  /** Hands on what arrived since it was last asked. Throws where a real receiver would have refused a message. */
  handOn(): void {
    for (const { channel, body, problems, headers } of this.#server.inbox.entries.splice(0)) {
      if (problems.length > 0) throw new Error(`${this.#name} refuses a message: ${problems.join("; ")}`);
      const { kind } = this.#modeOf(channel as Channel);
      // It was taken off the wire, and nobody ever saw it.
      if (kind === "hangs") continue;
      const endpoint = `${this.#name}/${channel}`;
      this.#scripted.take(endpoint, headers["webhook-id"], body as Delivered["body"], kind !== "mute");
    }
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #modeOf(channel: Channel): ReceiverMode {
    return this.#scripted.modeOf(`${this.#name}/${channel}`);
  }

  #originOf(channel: Channel): string {
    return `https://${channel}.${this.#name}.example`;
  }
}

/** What a receiver of the simulator does, on the wire. */
function faultOf(mode: ReceiverMode): object | undefined {
  switch (mode.kind) {
    case "up":
      return undefined;
    case "down":
      // What the platform's edge answers for an origin that takes no connection.
      return { name: "status", status: 521 };
    case "answers":
      return {
        name: "status",
        status: mode.status,
        ...(mode.retryAfterS === undefined ? {} : { retryAfter: String(mode.retryAfterS) }),
      };
    case "hangs":
      return { name: "hang" };
    case "mute":
      return { name: "reset" };
    case "slow":
      throw new Error("The receiver on loopback cannot be slow; see real-receiver.ts.");
  }
}

async function ask(url: string, method: string, body?: object): Promise<void> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${url}/faults`, init);
  if (!response.ok) throw new Error(await response.text());
}
