/** One sample as it was read, escapes undone. */
export interface ParsedSample {
  name: string;
  labels: readonly (readonly [string, string])[];
  value: number;
  /** The value as it was spelt. */
  text: string;
  exemplar?: { labels: Record<string, string>; value: number; at: number };
}

export interface ParsedFamily {
  name: string;
  type: string;
  help: string;
  unit?: string;
  samples: ParsedSample[];
}

const TYPES = {
  text: ["counter", "gauge", "histogram"],
  openmetrics: ["counter", "gauge", "histogram", "stateset", "info"],
};
const METRIC = /^[a-zA-Z][a-zA-Z0-9_]*$/;
const LABEL = /^[a-zA-Z][a-zA-Z0-9_]*$/;
const NUMBER = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const BOUND = /^(?:\+Inf|\d+\.\d+|\d(?:\.\d+)?e[+-]\d\d+)$/;

/**
 * Reads an exposition and throws at the first thing that either format forbids, or that this project does not do
 * (timestamps, upper-case exponents, families without samples). Stricter than promtool and prometheus_client together.
 */
export function parseExposition(text: string, format: "text" | "openmetrics"): ParsedFamily[] {
  return new Parser(text, format).families();
}

/** A series as a key: its name, and its labels in alphabetical order. */
export function seriesKey(name: string, labels: readonly (readonly [string, string])[]): string {
  return JSON.stringify([name, ...[...labels].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

class Parser {
  readonly #format: "text" | "openmetrics";
  readonly #lines: string[];
  #at = 0;

  constructor(text: string, format: "text" | "openmetrics") {
    this.#format = format;
    if (!text.endsWith("\n")) throw new Error("the text does not end with a line end");
    this.#lines = text.slice(0, -1).split("\n");
  }

  families(): ParsedFamily[] {
    const families: ParsedFamily[] = [];
    const names = new Set<string>();
    const series = new Set<string>();
    const end = this.#format === "openmetrics" ? this.#lines.length - 1 : this.#lines.length;
    if (this.#format === "openmetrics" && this.#lines.at(-1) !== "# EOF") this.#fail("the last line is not # EOF");
    while (this.#at < end) {
      const family = this.#metadata();
      if (names.has(family.name)) this.#fail(`family ${family.name} comes twice`);
      names.add(family.name);
      while (this.#at < end && !this.#line().startsWith("#")) {
        const sample = this.#sample(family);
        const key = seriesKey(sample.name, sample.labels);
        if (series.has(key)) this.#fail(`series ${key} comes twice`);
        series.add(key);
        family.samples.push(sample);
        this.#at++;
      }
      if (family.samples.length === 0) this.#fail(`family ${family.name} has no sample`);
      this.#checkFamily(family);
      families.push(family);
    }
    return families;
  }

  #metadata(): ParsedFamily {
    const order = this.#format === "openmetrics" ? ["TYPE", "UNIT", "HELP"] : ["HELP", "TYPE"];
    const found: Record<string, string> = {};
    let name: string | undefined;
    for (const keyword of order) {
      const match = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(this.#line());
      if (match?.[1] !== keyword) {
        if (keyword === "UNIT") continue;
        this.#fail(`a ${keyword} line was expected`);
      }
      const [, , of = "", rest = ""] = match ?? [];
      name ??= of;
      if (of !== name || !METRIC.test(of)) this.#fail(`metadata for "${of}"`);
      found[keyword] = rest;
      this.#at++;
    }
    const type = found["TYPE"] ?? "";
    const family: ParsedFamily = { name: name ?? "", type, help: this.#help(found["HELP"] ?? ""), samples: [] };
    if (!TYPES[this.#format].includes(type)) this.#fail(`type "${type}"`);
    if (family.help === "") this.#fail("there is no help text");
    const unit = found["UNIT"];
    if (unit === undefined) return family;
    if (!family.name.endsWith(`_${unit}`)) this.#fail(`name does not end with unit "${unit}"`);
    if (type === "stateset" || type === "info") this.#fail(`a ${type} has no unit`);
    return { ...family, unit };
  }

  #help(text: string): string {
    const quotes = this.#format === "openmetrics";
    if (quotes && /(?<!\\)(?:\\\\)*"/.test(text)) this.#fail("a quote in HELP is not escaped");
    return text.replace(/\\(.?)/g, (_, c: string) => {
      if (c === "n") return "\n";
      if (c === "\\" || (quotes && c === '"')) return c;
      return this.#fail(`escape \\${c} in HELP`);
    });
  }

  #sample(family: ParsedFamily): ParsedSample {
    const line = this.#line();
    const name = /^[^{ ]*/.exec(line)?.[0] ?? "";
    if (!METRIC.test(name)) this.#fail(`metric name "${name}"`);
    const suffix = name.startsWith(family.name) ? name.slice(family.name.length) : "?";
    if (!this.#suffixes(family).includes(suffix)) this.#fail(`${name} in family ${family.name} (${family.type})`);
    const braced = line[name.length] === "{" ? this.#labels(line, name.length) : { labels: [], end: name.length };
    const rest = line.slice(braced.end);
    const match = /^ (\S+)(?: # (\{.*\} \S+ \S+))?$/.exec(rest);
    if (match === null) this.#fail(`"${rest}" after the labels`);
    const value = this.#number(match?.[1] ?? "");
    const sample: ParsedSample = { name, labels: braced.labels, value, text: match?.[1] ?? "" };
    const target = braced.labels.findIndex(([label]) => label === "target");
    if (target > 0) this.#fail("target is not the first label");
    if (match?.[2] === undefined) return sample;
    if (this.#format !== "openmetrics" || suffix !== "_bucket") this.#fail("an exemplar here");
    return { ...sample, exemplar: this.#exemplar(match[2]) };
  }

  #suffixes(family: ParsedFamily): string[] {
    const created = this.#format === "openmetrics" ? ["_created"] : [];
    if (family.type === "histogram") return ["_bucket", "_count", "_sum", ...created];
    if (family.type === "counter") return this.#format === "openmetrics" ? ["_total", ...created] : [""];
    return [family.type === "info" ? "_info" : ""];
  }

  #labels(line: string, from: number): { labels: [string, string][]; end: number } {
    const labels: [string, string][] = [];
    let at = from + 1;
    for (;;) {
      const name = /^[^=]*(?==")/.exec(line.slice(at))?.[0] ?? "";
      if (!LABEL.test(name)) this.#fail(`label name "${name}"`);
      if (labels.some(([other]) => other === name)) this.#fail(`label ${name} comes twice`);
      at += name.length + 2;
      let value = "";
      while (line[at] !== '"') {
        const c = line[at++];
        if (c === undefined) this.#fail("the line ends inside a label value");
        const escaped = c === "\\" ? line[at++] : undefined;
        if (c === "\\" && !(escaped === "n" || escaped === "\\" || escaped === '"')) this.#fail(`escape \\${escaped}`);
        value += escaped === "n" ? "\n" : (escaped ?? c);
      }
      labels.push([name, value]);
      at++;
      if (line[at] === "}") return { labels, end: at + 1 };
      if (line[at++] !== ",") this.#fail(`"${line[at - 1]}" between labels`);
    }
  }

  #exemplar(text: string): { labels: Record<string, string>; value: number; at: number } {
    const { labels, end } = this.#labels(text, 0);
    const [, value = "", at = ""] = text.slice(end).split(" ");
    const length = labels.reduce((sum, [name, v]) => sum + [...name, ...v].length, 0);
    if (length > 128) this.#fail(`exemplar labels of ${length} characters`);
    return { labels: Object.fromEntries(labels), value: this.#number(value), at: this.#number(at) };
  }

  #number(text: string): number {
    if (!NUMBER.test(text)) this.#fail(`number "${text}"`);
    return Number(text.replace("Inf", "Infinity"));
  }

  #checkFamily(family: ParsedFamily): void {
    if (family.type === "histogram") this.#checkHistogram(family);
    if (family.type === "stateset") this.#checkStateset(family);
    if (family.type === "counter") this.#checkCounter(family);
    for (const s of family.samples) {
      if (family.type === "info" && s.value !== 1) this.#fail("an info that is not 1");
      if (s.labels.some(([name]) => name === "le") !== s.name.endsWith("_bucket")) this.#fail("label le out of place");
    }
  }

  #checkCounter(family: ParsedFamily): void {
    let before: ParsedSample | undefined;
    for (const s of family.samples) {
      if (!(s.value >= 0)) this.#fail(`counter at ${s.value}`);
      if (s.name.endsWith("_created") && seriesKey("", s.labels) !== seriesKey("", before?.labels ?? [["?", ""]]))
        this.#fail("_created does not follow its counter");
      before = s;
    }
  }

  #checkStateset(family: ParsedFamily): void {
    const ones = new Map<string, number>();
    for (const s of family.samples) {
      const rest = s.labels.filter(([name]) => name !== family.name);
      if (rest.length !== s.labels.length - 1) this.#fail("a state without its label");
      if (s.value !== 0 && s.value !== 1) this.#fail(`state at ${s.value}`);
      const key = seriesKey("", rest);
      ones.set(key, (ones.get(key) ?? 0) + s.value);
    }
    for (const [key, count] of ones) if (count !== 1) this.#fail(`${key} is in ${count} states`);
  }

  #checkHistogram(family: ParsedFamily): void {
    const done = new Set<string>();
    const { samples } = family;
    for (let i = 0; i < samples.length; ) {
      const key = plainKey(samples[i] as ParsedSample);
      if (done.has(key)) this.#fail(`${family.name} ${key} is interleaved`);
      done.add(key);
      let last = { bound: Number.NEGATIVE_INFINITY, count: 0 };
      for (; samples[i]?.name.endsWith("_bucket") && plainKey(samples[i] as ParsedSample) === key; i++)
        last = this.#checkBucket(samples[i] as ParsedSample, last);
      if (last.bound !== Number.POSITIVE_INFINITY) this.#fail("the last bucket is not +Inf");
      const expected = ["_count", "_sum"];
      if (samples[i + 2]?.name.endsWith("_created") && plainKey(samples[i + 2] as ParsedSample) === key)
        expected.push("_created");
      for (const [j, suffix] of expected.entries()) {
        const s = samples[i + j];
        if (s?.name !== family.name + suffix || plainKey(s) !== key) this.#fail(`${suffix} of ${key} is missing`);
      }
      if (samples[i]?.value !== last.count) this.#fail("_count differs from bucket +Inf");
      if (!((samples[i + 1]?.value ?? -1) >= 0)) this.#fail("_sum is negative");
      i += expected.length;
    }
  }

  #checkBucket(s: ParsedSample, before: { bound: number; count: number }): { bound: number; count: number } {
    const le = s.labels.at(-1);
    if (le?.[0] !== "le" || !BOUND.test(le[1])) this.#fail(`bound ${le?.[1]}`);
    const bound = Number(le?.[1].replace("Inf", "Infinity"));
    if (bound <= before.bound) this.#fail("bounds do not rise");
    if (s.value < before.count || !Number.isInteger(s.value)) this.#fail("buckets are not cumulative");
    if (s.exemplar !== undefined && !(s.exemplar.value > before.bound && s.exemplar.value <= bound))
      this.#fail(`exemplar ${s.exemplar.value} is not in bucket ${bound}`);
    return { bound, count: s.value };
  }

  #line(): string {
    return this.#lines[this.#at] ?? "";
  }

  #fail(what: string): never {
    throw new Error(`line ${this.#at + 1}: ${what}\n${this.#line().slice(0, 300)}`);
  }
}

const plainKey = (s: ParsedSample): string =>
  seriesKey(
    "",
    s.labels.filter(([name]) => name !== "le"),
  );
