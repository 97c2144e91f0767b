import { type ParsedSample, parseExposition, seriesKey } from "../expose/metrics/parse.ts";

export type Labels = Readonly<Record<string, string>>;

/** One answer of `/metrics`. */
export class Scrape {
  readonly samples: readonly ParsedSample[];
  /** Values of all series that must never go down, by series. */
  readonly counters = new Map<string, number>();

  constructor(text: string) {
    const families = parseExposition(text, "text");
    this.samples = families.flatMap((f) => f.samples);
    for (const family of families) {
      if (family.type !== "counter" && family.type !== "histogram") continue;
      for (const s of family.samples) this.counters.set(seriesKey(s.name, s.labels), s.value);
    }
  }

  /** Series of a name with at least these labels. */
  all(name: string, labels: Labels = {}): ParsedSample[] {
    const wanted = Object.entries(labels);
    return this.samples.filter(
      (s) => s.name === name && wanted.every(([k, v]) => s.labels.some(([l, of]) => l === k && of === v)),
    );
  }

  /** Sum of the series of a name with these labels; 0 where there are none. */
  sum(name: string, labels: Labels = {}): number {
    return this.all(name, labels).reduce((sum, s) => sum + s.value, 0);
  }

  /** Start of the newest slot that was committed, s. */
  get lastSlot(): number {
    return this.sum("zako_watch_last_slot_timestamp_seconds");
  }

  /** Hash of the config that the numbers belong to. */
  get config(): string {
    const [info] = this.all("zako_watch_build_info");
    return (info && labelOf(info, "config")) ?? "";
  }

  get targets(): string[] {
    return [...new Set(this.all("zako_v1_target_state").map((s) => labelOf(s, "target") ?? ""))];
  }
}

/** A label's value. */
export const labelOf = (sample: ParsedSample, label: string): string | undefined =>
  sample.labels.find(([name]) => name === label)?.[1];

/** There was an answer, but from what stands in for the Worker while that is not there. */
export class NoAnswer extends Error {}

/** Asks a running product. */
export async function scrape(baseUrl: string): Promise<Scrape> {
  const response = await fetch(new URL("/metrics", baseUrl), { headers: { accept: "text/plain; version=0.0.4" } });
  const body = await response.text();
  if (response.status !== 200) throw new NoAnswer(`/metrics answered ${response.status}: ${body.slice(0, 300)}`);
  return new Scrape(body);
}

/** Watches that no counter goes down or vanishes over a series of scrapes. */
export class CounterLaw {
  scrapes = 0;
  /** Each break of the law, in words. */
  readonly breaks: string[] = [];
  #last = new Map<string, number>();

  /** `gone` says which series may be missing from now on. */
  see(next: Scrape, gone: (series: string) => boolean = () => false): Scrape {
    for (const [series, before] of this.#last) {
      const now = next.counters.get(series);
      if (now === undefined && !gone(series)) this.breaks.push(`${series} vanished at ${before}`);
      if (now !== undefined && now < before) this.breaks.push(`${series} went from ${before} to ${now}`);
    }
    this.#last = new Map(next.counters);
    this.scrapes++;
    return next;
  }
}
