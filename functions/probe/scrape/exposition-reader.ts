import { LineSplitter } from "../../lib/line-splitter.ts";
import { type MetricLine, nameOf, parseMetricLine } from "../../lib/metric-line.ts";

/** Longest line that is read: room for label values of maximum length and an exemplar. */
const LONGEST_LINE_BYTES = 16 * 1024;

const TYPE = /^#[ \t]+TYPE[ \t]+([^ \t]+)[ \t]+([a-z]+)[ \t]*$/;

/** Receives what is read. */
export interface ExpositionSink {
  /** Whether samples with this name are wanted; others are only counted. */
  wants(name: string): boolean;
  sample(line: MetricLine): void;
}

/**
 * Reads an exposition (text 0.0.4 or OpenMetrics 1.0) incrementally. Never throws: lines that cannot be parsed are counted
 * and skipped.
 */
export class ExpositionReader {
  /** Types from `# TYPE`, by name; the first one counts. */
  readonly types = new Map<string, string>();
  /** Lines by result: taken samples, unwanted samples, invalid lines, lines that are too long. */
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
   * Whether the last line is complete, and in OpenMetrics is `# EOF`. Otherwise the last number may have lost digits, and
   * a total that seems lower would look like a restart.
   */
  isWhole(openMetrics: boolean): boolean {
    const { rest } = this.#splitter;
    // OpenMetrics allows the last line to have no line end.
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
    // Only a line that starts with a plain name can be skipped without parsing.
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
