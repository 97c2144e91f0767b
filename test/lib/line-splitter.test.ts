import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "../../functions/lib/line-splitter.ts";

const bytes = fc.uint8Array({ maxLength: 60 }).map((all) => all.map((byte) => (byte % 5 === 0 ? 0x0a : byte)));

test("however the bytes are cut, the lines are those between the line feeds, and long ones are only named", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 8 }), fc.integer({ min: 0, max: 12 }), (chunks, maxBytes) => {
      const seen: (string | "long")[] = [];
      const splitter = new LineSplitter(maxBytes, (line) => void seen.push(line === "long" ? line : line.join()));
      const buffer = new Uint8Array(60);
      for (const chunk of chunks) {
        // The caller may use one buffer for all chunks.
        buffer.set(chunk);
        splitter.take(buffer.subarray(0, chunk.length));
      }
      const all = chunks.flatMap((chunk) => [...chunk]);
      const lines: number[][] = [[]];
      for (const byte of all) {
        if (byte === 0x0a) lines.push([]);
        else lines.at(-1)?.push(byte);
      }
      const open = lines.pop() ?? [];
      expect(seen).toEqual(lines.map((line) => (line.length > maxBytes ? "long" : line.join())));
      expect(splitter.rest).toEqual(open.length > maxBytes ? "long" : Uint8Array.from(open));
    }),
  );
});
