import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { type Failure, failure } from "../../model/probing/failure.ts";
import { type Frame, FrameParser } from "./rpc-frame.ts";
import { judgeError, statesConnectError } from "./rpc-head.ts";
import type { Method, Route } from "./rpc-route.ts";
import { type End, endOfConnectStream, endOfTrailers } from "./rpc-status.ts";

/** Decodes the bytes of a body into messages and a final result. */
export interface Decoder {
  /** Whether `end` can judge a body that was cut off by the size limit, the deadline or the network. */
  readonly judgesParts: boolean;
  /** Whether the head has said all unless more of the body comes; such a body is waited for only shortly. */
  readonly headSaysAll: boolean;
  /** Takes the next bytes; a failure ends the call at once. */
  take(chunk: Uint8Array): Failure | null;
  /** Called at the end of the body; null on success. */
  end(): Failure | null;
}

// Unknown fields are dropped: keeping them costs time and memory.
const readOptions = { readUnknownFields: false };

function parse<O extends DescMessage>(output: O, data: Uint8Array): MessageShape<O> | null {
  try {
    return fromBinary(output, data, readOptions);
  } catch {
    return null;
  }
}

function protocolFailure(message: string): Failure {
  return failure("protocol", true, { message });
}

/** A bare message, as in answers of unary Connect. */
export class UnaryAnswer<O extends DescMessage> implements Decoder {
  readonly judgesParts = false;
  readonly headSaysAll = false;
  readonly #output: O;
  readonly #onMessage: (message: MessageShape<O>) => void;
  readonly #chunks = new Chunks();

  constructor(method: Method<DescMessage, O>, onMessage: (message: MessageShape<O>) => void) {
    this.#output = method.output;
    this.#onMessage = onMessage;
  }

  take(chunk: Uint8Array): null {
    this.#chunks.add(chunk);
    return null;
  }

  end(): Failure | null {
    const message = parse(this.#output, this.#chunks.join());
    if (message === null) return protocolFailure("the answer is not a valid message");
    this.#onMessage(message);
    return null;
  }
}

/** Limits of a framed answer, and what its headers already said. */
export interface FramedOptions {
  readonly maxBytes: number;
  readonly maxMessages: number;
  /** The status in the headers (`grpc-status`), or null. It counts only if no body follows: else the trailers do. */
  readonly stated: End | null;
  /** What any body at all means, where its content type is not one that can be read. */
  readonly unreadable: Failure | null;
}

/** A framed answer: Connect streams, and everything in gRPC-Web. */
export class FramedAnswer<O extends DescMessage> implements Decoder {
  readonly #route: Route;
  readonly #output: O;
  readonly #options: FramedOptions;
  readonly #onMessage: (message: MessageShape<O>) => void;
  readonly #parser: FrameParser;
  readonly #endFlag: number;
  #isEmpty = true;
  #messages = 0;
  #ended = false;

  constructor(
    route: Route,
    method: Method<DescMessage, O>,
    options: FramedOptions,
    onMessage: (message: MessageShape<O>) => void,
  ) {
    this.#route = route;
    this.#output = method.output;
    this.#options = options;
    this.#onMessage = onMessage;
    this.#parser = new FrameParser(options.maxBytes);
    this.#endFlag = route.protocol === "connect" ? 0b10 : 0b1000_0000;
  }

  /** A failure in the headers stands unless a body follows. */
  get headSaysAll(): boolean {
    const { stated } = this.#options;
    return this.#isEmpty && stated !== null && stated !== "ok";
  }

  get judgesParts(): boolean {
    return this.headSaysAll;
  }

  take(chunk: Uint8Array): Failure | null {
    if (chunk.byteLength === 0) return null;
    this.#isEmpty = false;
    if (this.#options.unreadable !== null) return this.#options.unreadable;
    this.#parser.feed(chunk);
    for (;;) {
      const frame = this.#parser.next();
      if (frame === undefined) return null;
      if (frame === "oversize") return failure("oversize", true);
      const failed = this.#takeFrame(frame);
      if (failed !== null) return failed;
    }
  }

  #takeFrame({ flags, data }: Frame): Failure | null {
    if (this.#ended) return protocolFailure("there was more data after the end of the answer");
    if (flags === this.#endFlag) {
      this.#ended = true;
      const end = this.#route.protocol === "connect" ? endOfConnectStream(data) : endOfTrailers(data);
      return end === "ok" ? null : end;
    }
    if (flags !== 0) return protocolFailure("a frame has unexpected flags, such as compression");
    if (this.#route.single && this.#messages === 1) return protocolFailure("the answer has more than one message");
    if (this.#messages === this.#options.maxMessages) {
      return failure("oversize", true, { message: "the answer has more messages than allowed" });
    }
    const message = parse(this.#output, data);
    if (message === null) return protocolFailure("the answer is not a valid message");
    this.#messages += 1;
    this.#onMessage(message);
    return null;
  }

  end(): Failure | null {
    if (this.#isEmpty && this.#options.stated !== null) return this.#endOfTrailersOnly(this.#options.stated);
    if (this.#parser.pending) {
      return this.#ended
        ? protocolFailure("there was more data after the end of the answer")
        : failure("truncated", true);
    }
    if (!this.#ended) return failure("truncated", true);
    return this.#endWell();
  }

  #endOfTrailersOnly(stated: End): Failure | null {
    return stated === "ok" ? this.#endWell() : stated;
  }

  #endWell(): Failure | null {
    return this.#route.single && this.#messages === 0 ? protocolFailure("the answer has no message") : null;
  }
}

/** The body of an HTTP error, judged by the part that was read. */
export class ErrorAnswer implements Decoder {
  readonly judgesParts = true;
  readonly headSaysAll: boolean;
  readonly #route: Route;
  readonly #response: Response;
  readonly #chunks = new Chunks();

  constructor(route: Route, response: Response) {
    this.headSaysAll = !statesConnectError(route, response.headers);
    this.#route = route;
    this.#response = response;
  }

  take(chunk: Uint8Array): null {
    this.#chunks.add(chunk);
    return null;
  }

  end(): Failure {
    return judgeError(this.#route, this.#response, new TextDecoder().decode(this.#chunks.join()));
  }
}

class Chunks {
  #chunks: Uint8Array[] = [];
  #size = 0;

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
  }

  join(): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const joined = new Uint8Array(this.#size);
    let offset = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return joined;
  }
}
