import { describe, expect, it } from "vitest";
import { answerSizeWarnings } from "../../../../functions/cli/config/answer-size.ts";
import { compileConfig } from "../../../../functions/config/compile.ts";
import type { Config } from "../../../../functions/model/config.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";

function configOf(targets: number, more: Record<string, unknown> = {}): Config {
  const document = {
    targets: Array.from({ length: targets }, (_, i) => ({ name: `target-${i}`, cas: "https://cas.eu.example" })),
    ...more,
  };
  const compiled = compileConfig(document, PROBE_KINDS, { local: false });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.config;
}

const said = (config: Config): string[] => answerSizeWarnings(config, PROBE_KINDS).map(({ message }) => message);

describe("an answer that would be refused", () => {
  it("is said of a fleet in one shard, with as many shards as are enough", () => {
    const [message = ""] = said(configOf(500));
    const enough =
      /^\/metrics\?shard=0 would have about \d+\.\d MB, but answers of more than 8\.0 MB are refused: set `shards: (\d+)`$/;
    expect(message).toMatch(enough);
    const shards = Number(enough.exec(message)?.[1]);
    expect(said(configOf(500, { shards }))).toEqual([]);
    expect(said(configOf(500, { shards: shards - 1 }))).not.toEqual([]);
  });

  it("is not said of a fleet that fits", () => {
    expect(said(configOf(100))).toEqual([]);
  });

  it("is said where full detail makes it too large", () => {
    const [message] = said(configOf(100, { metrics: { detail: "full" } }));
    expect(message).toMatch(/refused: set `shards: \d+`, or `metrics\.detail: standard`$/);
  });
});
