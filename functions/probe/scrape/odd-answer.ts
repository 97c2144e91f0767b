const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:.]*$/;
/** Bytes that are looked at. */
export const START_BYTES = 256;
/** Field 1 of a MetricFamily, its name; what may follow: help, type, metric. */
const NAME_FIELD = 0x0a;
const AFTER_NAME: readonly number[] = [0x12, 0x18, 0x22];
const LONGEST_VARINT = 5;

/** What answers without being an exposition, in words. */
export interface OddAnswer {
  message: string;
  hint: string;
}

/** Recognises answers that are no text of metrics, by their type and first bytes; undefined for what may be one. */
export function oddAnswer(start: Uint8Array, contentType: string): OddAnswer | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b)
    return {
      message: "the answer is gzip, but is not marked as such",
      hint: "let the server set Content-Encoding: gzip, or send plain text",
    };
  if (contentType === "application/vnd.google.protobuf" || isMetricFamily(start))
    return {
      message: "the answer is in Prometheus' protobuf format, which was not asked for",
      hint: "let the server answer with text, as the Accept header asks",
    };
  const text = new TextDecoder()
    .decode(start)
    .replace(/^\ufeff/, "")
    .trimStart()
    .toLowerCase();
  if (/^<(!doctype|html|head|body|\?xml|!--)/.test(text) || (contentType === "text/html" && text.startsWith("<")))
    return {
      message: "the answer is a web page (HTML), not metrics",
      hint: "check the key `url`: a proxy, a login page or another path has answered",
    };
  if (/^(\{\s*["}]|\[\s*[{\]])/.test(text))
    return {
      message: "the answer is JSON, not metrics",
      hint: "check the key `url`: metrics are in Prometheus' text format",
    };
  return undefined;
}

/** Whether bytes begin with a length and a MetricFamily, as the delimited protobuf format does. */
function isMetricFamily(start: Uint8Array): boolean {
  let at = 0;
  while (at < LONGEST_VARINT && (start[at] ?? 0) >= 0x80) at++;
  const length = start[at + 2] ?? 0;
  if (start[at + 1] !== NAME_FIELD || length === 0) return false;
  const name = new TextDecoder("latin1").decode(start.subarray(at + 3, at + 3 + length));
  return name.length === length && METRIC_NAME.test(name) && AFTER_NAME.includes(start[at + 3 + length] ?? 0);
}
