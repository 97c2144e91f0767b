/** An answer's head for HTTP/1.1, and the trailers where it holds them already. */
export interface ResponseHead {
  status: number;
  /** Names and values in turn, as `writeHead` takes them. */
  headers: string[];
  /** Of gRPC-Web, so that trailers follow the body; an answer of any other kind passes through as it is. */
  isGrpc: boolean;
  /** What a trailers-only answer says in its head, names and values in turn. */
  trailers?: string[];
}

const STATUS: ReadonlySet<string> = new Set(["grpc-status", "grpc-message", "grpc-status-details-bin"]);
const NATIVE = /^application\/grpc(\+[^;\s]+)?\s*(;.*)?$/i;

/**
 * Turns the head of a native answer, names and values in turn, into that of the gRPC-Web one. What is no gRPC passes
 * through with its status, as the edge was seen to do. The status of a trailers-only answer moves into the trailer frame:
 * the edge was seen to answer Google's errors so.
 */
export function webHead(raw: readonly string[]): ResponseHead {
  const fields = pairs(raw).filter(([name]) => !name.startsWith(":"));
  const status = Number(pairs(raw).find(([name]) => name === ":status")?.[1] ?? "0");
  const type = NATIVE.exec(fields.find(([name]) => name === "content-type")?.[1] ?? "");
  if (type === null) return { status, headers: fields.flat(), isGrpc: false };
  const contentType = `application/grpc-web${type[1] ?? ""}${type[2] ?? ""}`;
  const headers = fields
    // The trailer frame makes the body longer than it says.
    .filter(([name]) => !STATUS.has(name) && name !== "content-length")
    .flatMap(([name, value]) => [name, name === "content-type" ? contentType : value]);
  const trailers = fields.filter(([name]) => STATUS.has(name)).flat();
  return { status, headers, isGrpc: true, ...(trailers.includes("grpc-status") ? { trailers } : {}) };
}

/** The frame that ends a gRPC-Web body: flag 0x80, length, and a header block without a blank line. */
export function trailerFrame(trailers: readonly string[]): Buffer {
  const lines = pairs(trailers).map(([name, value]) => `${name}: ${value}\r\n`);
  const block = Buffer.from(lines.join(""), "latin1");
  const head = Buffer.alloc(5);
  head.writeUInt8(0x80);
  head.writeUInt32BE(block.length, 1);
  return Buffer.concat([head, block]);
}

function pairs(raw: readonly string[]): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) found.push([(raw[at] ?? "").toLowerCase(), raw[at + 1] ?? ""]);
  return found;
}
