import type { Clock } from "./clock.ts";

/** How an endpoint treats what it is sent. */
export type ReceiverMode =
  | { kind: "up" }
  /** Nobody listens. */
  | { kind: "down" }
  /** It takes the message and answers late. */
  | { kind: "slow"; takesMs: number }
  /** It takes nothing and says nothing. */
  | { kind: "hangs" }
  /** It takes the message, and its answer is lost. */
  | { kind: "mute" }
  | { kind: "answers"; status: number; retryAfterS?: number };

/** What one endpoint took. */
export interface Delivered {
  /** `RECEIVER/CHANNEL`. */
  endpoint: string;
  /** True time at which it was taken, epoch ms. */
  at: number;
  /** The receiver's key of the message. */
  id: string;
  /** Whether it could answer that it took it. */
  answered: boolean;
  body: WebhookBody | PagerDutyBody;
}

export interface WebhookBody {
  status: "firing" | "resolved";
  groupKey: string;
  truncatedAlerts?: number;
  alerts: {
    status: "firing" | "resolved";
    labels: Record<string, string>;
    annotations: Record<string, string>;
    startsAt: string;
    endsAt: string;
    fingerprint: string;
  }[];
}

export interface PagerDutyBody {
  event_action: "trigger" | "acknowledge" | "resolve";
  dedup_key: string;
  payload?: { summary: string; severity: string; group?: string; class?: string };
}

export const isWebhook = (body: Delivered["body"]): body is WebhookBody => "alerts" in body;

/** The people's side of all notifications: endpoints by URL, `https://CHANNEL.RECEIVER.example/`. */
export class Receivers {
  readonly inbox: Delivered[] = [];
  /** When tries reached an endpoint that did not take them, by endpoint. */
  readonly refused = new Map<string, number[]>();
  onDelivered: (one: Delivered) => void = () => {};
  /** Told of each try, whatever becomes of it. */
  onTry: () => void = () => {};
  readonly #clock: Clock;
  readonly #modes = new Map<string, ReceiverMode>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of `RECEIVER/CHANNEL`, or of all of `RECEIVER`. */
  set(endpoint: string, mode: ReceiverMode): void {
    this.#modes.set(endpoint, mode);
  }

  modeOf(endpoint: string): ReceiverMode {
    return this.#modes.get(endpoint) ?? this.#modes.get(endpoint.split("/")[0] ?? "") ?? { kind: "up" };
  }

  readonly fetch = async (
    url: string,
    init: { headers: Headers; body: string; signal: AbortSignal },
  ): Promise<Response> => {
    const [channel, receiver] = new URL(url).hostname.split(".");
    const endpoint = `${receiver}/${channel}`;
    const mode = this.modeOf(endpoint);
    this.onTry();
    await this.#clock.sleep(WAY_MS);
    if (init.signal.aborted) throw new Error("aborted");
    switch (mode.kind) {
      case "up":
        this.#take(endpoint, init, true);
        await this.#clock.sleep(WAY_MS);
        return this.#ok(channel);
      case "down":
        this.#refuse(endpoint);
        return new Response(null, { status: EDGE_REFUSED });
      case "slow":
        this.#take(endpoint, init, mode.takesMs < TRY_MS);
        await this.#clock.sleep(mode.takesMs);
        return this.#ok(channel);
      case "hangs":
        this.#refuse(endpoint);
        return new Promise<never>(() => {});
      case "mute":
        this.#take(endpoint, init, false);
        throw new Error("reset");
      case "answers": {
        this.#refuse(endpoint);
        await this.#clock.sleep(WAY_MS);
        const { status, retryAfterS } = mode;
        const headers = retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) };
        return new Response(null, { status, headers });
      }
    }
  };

  #ok(channel: string | undefined): Response {
    return channel === "pagerduty" ? new Response('{"status":"success"}', { status: 202 }) : new Response("ok");
  }

  /** An endpoint takes a message; `id` is its `webhook-id`. */
  take(endpoint: string, id: string | null | undefined, body: Delivered["body"], answered: boolean): void {
    const own = id ?? ("dedup_key" in body ? `${body.dedup_key} ${body.event_action}` : "");
    const one = { endpoint, at: this.#clock.at, id: own, answered, body };
    this.inbox.push(one);
    this.onDelivered(one);
  }

  #take(endpoint: string, { headers, body }: { headers: Headers; body: string }, answered: boolean): void {
    this.take(endpoint, headers.get("webhook-id"), JSON.parse(body) as Delivered["body"], answered);
  }

  #refuse(endpoint: string): void {
    const known = this.refused.get(endpoint);
    if (known === undefined) this.refused.set(endpoint, [this.#clock.at]);
    else known.push(this.#clock.at);
  }
}

/** One way through the network. */
const WAY_MS = 60;
/** What the platform's edge answers for an origin that takes no connection. */
const EDGE_REFUSED = 521;
/** The product waits so long for an answer. */
const TRY_MS = 10_000;
