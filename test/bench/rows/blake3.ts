import type { Section } from "../bench.ts";
import { medians } from "../rounds.ts";
import { type Row, row } from "../row.ts";

const WASM_MIB = 256;
const NOBLE_MIB = 8;

/** How fast content is verified. */
export const blake3Section: Section = {
  name: "blake3",
  title: "BLAKE3 of 64 KiB pieces, MiB per second of CPU, in workerd",
  async run({ worker, rounds, some }): Promise<Row[]> {
    const speed = (maker: "wasm" | "noble", mib: number) => async () =>
      mib / (Math.max(10, await worker.cost("/blake3", { maker, mib })) / 1_000);
    const { wasm, noble } = await medians(rounds, {
      wasm: speed("wasm", some(WASM_MIB)),
      noble: speed("noble", some(NOBLE_MIB)),
    });
    return [
      row("blake3-wasm, as we use it", wasm, "MiB/s", null),
      row("@noble/hashes", noble, "MiB/s", null),
      row("blake3-wasm / @noble/hashes", wasm / noble, "x", null),
    ];
  },
};
