import { answerTo, type Posted, problemsOf, type ReceiverChannel } from "./channels.ts";

/** A post and what became of it. */
export interface Entry {
  id: string;
  /** Epoch ms. */
  at: number;
  channel: ReceiverChannel;
  path: string;
  /** The parsed body; the text where it is no JSON. */
  body: unknown;
  /** What is wrong with it; empty: it was taken. */
  problems: readonly string[];
  /** The receiver knows it by its key from before, so it notifies nobody again. */
  repeat: boolean;
  headers: Readonly<Record<string, string>>;
}

/** What PagerDuty makes of the events of one `dedup_key`. */
export interface Incident {
  key: string;
  state: "triggered" | "acknowledged" | "resolved";
  summary: string;
  severity: string;
  /** Epoch ms. */
  openedAt: number;
  changedAt: number;
  /** Events since it was opened. */
  events: number;
}

const MOST_ENTRIES = 200;
const SHOWN_HEADERS = /^(idempotency-key|webhook-(id|timestamp|signature)|user-agent|content-length)$/;

/** What was posted, newest last, as people would find it. */
export class Inbox {
  readonly entries: Entry[] = [];
  readonly incidents = new Map<string, Incident>();
  readonly #answers = new Map<string, { text: string; answer: [status: number, text: string] }>();
  #count = 0;

  /** Takes a post as the real receiver would and answers as it does. */
  take(
    channel: ReceiverChannel,
    path: string,
    posted: Posted,
    keys: readonly string[],
    at: number,
  ): [status: number, text: string] {
    const id = `${channel}-${++this.#count}`;
    const body = parse(posted.text);
    const problems = problemsOf(channel, posted, keys);
    const key = posted.headers["idempotency-key"] ?? posted.headers["webhook-id"];
    const known = key === undefined ? undefined : this.#answers.get(`${channel} ${key}`);
    const conflict = channel === "email" && known !== undefined && known.text !== posted.text;
    if (conflict) problems.push("the idempotency key was used for another e-mail");
    const headers = Object.fromEntries(Object.entries(posted.headers).filter(([name]) => SHOWN_HEADERS.test(name)));
    this.entries.push({ id, at, channel, path, body, problems, repeat: known !== undefined, headers });
    if (this.entries.length > MOST_ENTRIES) this.entries.shift();
    if (conflict) return [409, JSON.stringify({ name: "invalid_idempotent_request" })];
    if (known !== undefined) return known.answer;
    const answer = answerTo(channel, problems, id, body);
    if (key !== undefined && problems.length === 0)
      this.#answers.set(`${channel} ${key}`, { text: posted.text, answer });
    if (channel === "pagerduty" && problems.length === 0) this.#settle(body as PagerDutyBody, at);
    return answer;
  }

  clear(): void {
    this.entries.length = 0;
    this.incidents.clear();
    this.#answers.clear();
  }

  #settle(event: PagerDutyBody, at: number): void {
    const known = this.incidents.get(event.dedup_key);
    const open = known !== undefined && known.state !== "resolved";
    if (event.event_action === "trigger") {
      const { summary, severity } = event.payload;
      const state = open ? known.state : "triggered";
      const openedAt = open ? known.openedAt : at;
      const events = open ? known.events + 1 : 1;
      this.incidents.set(event.dedup_key, {
        key: event.dedup_key,
        state,
        summary,
        severity,
        openedAt,
        changedAt: at,
        events,
      });
    } else if (open) {
      known.state = event.event_action === "resolve" ? "resolved" : "acknowledged";
      known.changedAt = at;
      known.events++;
    }
  }
}

interface PagerDutyBody {
  event_action: "trigger" | "acknowledge" | "resolve";
  dedup_key: string;
  payload: { summary: string; severity: string };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
