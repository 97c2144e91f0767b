import { AnswerCache } from "./answer-cache.ts";

/**
 * Sends a text piece by piece, each written when the one before it has been taken. `keep` gets the whole of what was sent
 * where that is small enough to be kept and was sent to its end.
 */
export function streamText(
  pieces: Generator<Uint8Array<ArrayBuffer>, void>,
  gzip: boolean,
  keep: (bytes: Uint8Array<ArrayBuffer>) => void,
): ReadableStream<Uint8Array> {
  if (!gzip)
    return remembered(
      async () => nextOf(pieces),
      () => pieces.return(),
      keep,
    );
  const text = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const piece = nextOf(pieces);
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel: () => void pieces.return(),
    },
    { highWaterMark: 0 },
  );
  const reader = text.pipeThrough(new CompressionStream("gzip")).getReader();
  return remembered(
    async () => (await reader.read()).value as Uint8Array<ArrayBuffer> | undefined,
    (why) => reader.cancel(why),
    keep,
  );
}

/** The next piece that is not empty; undefined at the end. */
function nextOf(pieces: Generator<Uint8Array<ArrayBuffer>, void>): Uint8Array<ArrayBuffer> | undefined {
  for (;;) {
    const { value, done } = pieces.next();
    if (done === true || value === undefined) return undefined;
    if (value.length > 0) return value;
  }
}

function remembered(
  next: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
  cancel: (why: unknown) => unknown,
  keep: (bytes: Uint8Array<ArrayBuffer>) => void,
): ReadableStream<Uint8Array> {
  let sent: Uint8Array<ArrayBuffer>[] | undefined = [];
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await next();
        if (piece === undefined) {
          if (sent !== undefined) keep(joined(sent, bytes));
          controller.close();
          return;
        }
        bytes += piece.length;
        if (AnswerCache.mayKeep(bytes)) sent?.push(piece);
        else sent = undefined;
        controller.enqueue(piece);
      },
      async cancel(why) {
        await cancel(why);
      },
    },
    { highWaterMark: 0 },
  );
}

/** All pieces as one. */
function joined(pieces: readonly Uint8Array<ArrayBuffer>[], bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
