import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

const TEXT = { "content-type": "text/plain; version=0.0.4" };
const MIB = 2 ** 20;

/** A fault at work; `body` is the answer of the fault that is named so. */
export interface MetricsFault {
  name: string;
  body?: string;
  contentType?: string;
}

/** Answers in its own way; `honest` is what would have been right. */
type Serve = (res: ServerResponse, honest: string, fault: MetricsFault) => void;

function send(res: ServerResponse, answer: string | Uint8Array, headers: Record<string, string> = {}): void {
  res.writeHead(200, { ...TEXT, ...headers });
  res.end(answer);
}

/** Ways in which `GET /metrics` can misbehave, by name. */
export const metricsFaults: ReadonlyMap<string, Serve> = new Map<string, Serve>([
  ["huge", (res, honest) => send(res, honest + "zako_v1_cas_tokens_held 1\n".repeat((8 * MIB) / 26))],
  ["endless", (res) => pour(res, "up 1\n".repeat(10_000))],
  ["silent", () => {}],
  ["garbage", (res) => send(res, randomBytes(10_000))],
  ["page", (res) => send(res, "<!doctype html>\n<title>Welcome</title>\n", { "content-type": "text/html" })],
  ["mistyped", (res, honest) => send(res, honest.replaceAll(/ (counter|gauge)$/gm, " histogram"))],
  ["hostile", (res, honest) => send(res, Buffer.concat([Buffer.from(honest), hostile()]))],
  ["truncated", (res, honest) => send(res, honest.slice(0, -3))],
  ["broken", breakOff],
  ["bomb", (res) => send(res, gzipSync(Buffer.alloc(64 * MIB, "a 1\n")), { "content-encoding": "gzip" })],
  ["status", (res) => void res.writeHead(500, TEXT).end("no")],
  ["redirect", (res) => void res.writeHead(302, { location: "/elsewhere" }).end()],
  ["stale", (res, honest) => send(res, honest.replaceAll(/^(zako.*)$/gm, `$1 ${Date.now() - 3_600_000}`))],
  ["gzip", (res, honest) => send(res, gzipSync(honest), { "content-encoding": "gzip" })],
  [
    "body",
    (res, _, { body = "", contentType }) =>
      send(res, body, contentType === undefined ? {} : { "content-type": contentType }),
  ],
]);

/** Closes the connection before all that was promised has come. */
function breakOff(res: ServerResponse, honest: string): void {
  res.writeHead(200, { ...TEXT, "content-length": String(honest.length + 1_000) });
  res.write(honest, () => res.destroy());
}

/** Writes the same for as long as somebody reads. */
function pour(res: ServerResponse, text: string): void {
  res.writeHead(200, TEXT);
  const write = (): void => {
    while (!res.destroyed && res.write(text));
  };
  res.on("drain", write);
  write();
}

/** Labels that are too many, too long, no UTF-8, or meant to break out of where they stand. */
function hostile(): Buffer {
  const name = "zako_v1_engine_exceptions_total";
  const value = (text: string): string => `${name}{kind="${text}"} 1\n`;
  return Buffer.concat([
    Buffer.from(Array.from({ length: 2_000 }, (_, i) => value(`k${i}`)).join("")),
    Buffer.from(value("x".repeat(200)) + value("y".repeat(100_000))),
    Buffer.from(`${name}{kind="`),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"} 1\n'),
    Buffer.from(`${value('\\"} 1\\nup{target=\\"x\\"')}${name}{kind="open} 1\n${name}{kind="a",kind="b"} 1\n`),
    Buffer.from(`${name}{kind="nan"} NaN\n${name}{kind="low"} -5\n${name}{kind="k1"} 7\n`),
  ]);
}
