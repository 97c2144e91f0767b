import type { Decoder } from "./rpc-decoder.ts";

/** Keeps a body as text. */
export class TextBody implements Decoder {
  /** A part of an error's body says as much as all of it, and less than its head. */
  readonly judgesParts: boolean;
  readonly headSaysAll: boolean;
  readonly #decoder = new TextDecoder();
  text = "";

  constructor(isError: boolean) {
    this.judgesParts = isError;
    this.headSaysAll = isError;
  }

  take(piece: Uint8Array): null {
    this.text += this.#decoder.decode(piece, { stream: true });
    return null;
  }

  end(): null {
    return null;
  }
}
