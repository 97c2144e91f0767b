import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeFrames, type Frame, FrameParser } from "../../../functions/probe/rpc/rpc-frame.ts";

const frames = fc.array(fc.record({ flags: fc.integer({ min: 0, max: 255 }), data: fc.uint8Array({ maxLength: 40 }) }));

function encode(list: readonly Frame[]): Uint8Array {
  const body = encodeFrames(list.map((frame) => frame.data));
  let offset = 0;
  for (const frame of list) {
    body[offset] = frame.flags;
    offset += 5 + frame.data.byteLength;
  }
  return body;
}

/** Cuts at each of the places, which are taken modulo the length. */
function cut(body: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (body.byteLength + 1)), body.byteLength].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => body.slice(sorted[i], end));
}

function drain(parser: FrameParser): Frame[] {
  const found: Frame[] = [];
  for (;;) {
    const frame = parser.next();
    if (frame === undefined) return found;
    if (frame === "oversize") throw new Error("unexpected oversize");
    found.push(frame);
  }
}

it("finds the same frames however the bytes were cut", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 30 }), (list, places) => {
      const parser = new FrameParser(40);
      const found: Frame[] = [];
      for (const chunk of cut(encode(list), places)) {
        parser.feed(chunk);
        found.push(...drain(parser));
      }
      expect(found).toEqual(list);
      expect(parser.pending).toBe(false);
    }),
  );
});

it("knows that a frame has begun, at every byte of it", () => {
  const body = encodeFrames([Uint8Array.of(1, 2, 3)]);
  for (let size = 1; size < body.byteLength; size++) {
    const parser = new FrameParser(10);
    parser.feed(body.subarray(0, size));
    expect(parser.next()).toBeUndefined();
    expect(parser.pending).toBe(true);
  }
});

it("reports a frame over the cap from its length alone, in the order of the stream", () => {
  const parser = new FrameParser(3);
  parser.feed(encodeFrames([Uint8Array.of(1, 2, 3)]));
  parser.feed(Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff));
  expect(parser.next()).toEqual({ flags: 0, data: Uint8Array.of(1, 2, 3) });
  expect(parser.next()).toBe("oversize");
});
