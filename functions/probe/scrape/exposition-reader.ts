import { LineSplitter } from "../../lib/line-splitter.ts";
import { type MetricLine, nameOf, parseMetricLine } from "../../lib/metric-line.ts";

/** Longest line that is read: room for a label value at its limit in every label, and for an exemplar. */
const LONGEST_LINE_BYTES = 16 * 1024;

const TYPE = /^#[ \t]+TYPE[ \t]+([^ \t]+)[ \t]+([a-z]+)[ \t]*$/;

/** Who takes what is read. */
export interface ExpositionSink {
  /** Whether samples of that name are wanted; others are counted and not read any further. */
  wants(name: string): boolean;
  sample(line: MetricLine): void;
}

/**
 * Reads an exposition (text 0.0.4 or OpenMetrics 1.0) from bytes that come piece by piece. Never throws, whatever comes:
 * what cannot be read is counted and left out, line by line.
 */
export class ExpositionReader {
  /** What `# TYPE` says, by the name that it stands with; of names that come twice the first. */
  readonly types = new Map<string, string>();
  /** Lines by what became of them: samples that were taken, samples nobody wants, no sample at all, longer than read. */
  readonly lines = { taken: 0, unwanted: 0, malformed: 0, long: 0 };
  readonly #sink: ExpositionSink;
  readonly #splitter = new LineSplitter(LONGEST_LINE_BYTES, (line) => this.#line(line));
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #ended = false;

  constructor(sink: ExpositionSink) {
    this.#sink = sink;
  }

  take(chunk: Uint8Array): void {
    this.#splitter.take(chunk);
  }

  /**
   * Whether the last line has its end, and in OpenMetrics the last one is `# EOF`. Where it is not, the last number may
   * have lost digits, and a total that seems lower would be taken for a restart.
   */
  isWhole(openMetrics: boolean): boolean {
    const { rest } = this.#splitter;
    // OpenMetrics lets the very last line go without its end.
    if (rest !== "long" && this.#text(rest) === "# EOF") return true;
    return rest.length === 0 && (this.#ended || !openMetrics);
  }

  #line(bytes: Uint8Array | "long"): void {
    if (bytes === "long") {
      this.lines.long++;
      return;
    }
    const line = this.#text(bytes);
    if (line === undefined) this.lines.malformed++;
    else if (line.startsWith("#")) this.#comment(line);
    else if (line.trim() !== "") this.#sample(line);
  }

  #text(bytes: Uint8Array): string | undefined {
    try {
      const text = this.#decoder.decode(bytes);
      return text.endsWith("\r") ? text.slice(0, -1) : text;
    } catch {
      return undefined;
    }
  }

  #comment(line: string): void {
    if (line.trimEnd() === "# EOF") this.#ended = true;
    const [, name, type] = TYPE.exec(line) ?? [];
    if (name !== undefined && type !== undefined && !this.types.has(name)) this.types.set(name, type);
  }

  #sample(line: string): void {
    const { name, end } = nameOf(line);
    // Anything but a name of its own, and what may follow one, is worth a closer look.
    if (name !== "" && /[ \t{]/.test(line.charAt(end)) && !this.#sink.wants(name)) {
      this.lines.unwanted++;
      return;
    }
    const read = parseMetricLine(line);
    if (read === undefined) this.lines.malformed++;
    else if (!this.#sink.wants(read.name)) this.lines.unwanted++;
    else {
      this.lines.taken++;
      this.#sink.sample(read);
    }
  }
}
