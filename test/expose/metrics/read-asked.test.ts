import { describe, expect, it } from "vitest";
import { type ReadAsked, readAsked } from "../../../functions/expose/metrics/read-asked.ts";
import { shardOf } from "../../../functions/model/probing/placement.ts";
import { SHOWN } from "./arbitrary.ts";

const ask = (query: string, shards = 4): ReadAsked =>
  readAsked(new URLSearchParams(query), { shards, families: SHOWN });

/** Targets by shard, of four. */
const IN_SHARD = [0, 1, 2, 3].map((shard) => {
  for (let i = 0; ; i++) if (shardOf(`target-${i}`, 4) === shard) return `target-${i}`;
});

describe("the query of /metrics", () => {
  it.each([
    ["", { shards: [0, 1, 2, 3], alerter: true }],
    ["shard=2", { shards: [2], alerter: false }],
    ["shard=0", { shards: [0], alerter: true }],
    ["shard=3&shard=1&shard=3", { shards: [1, 3], alerter: false }],
    [`target=${IN_SHARD[2]}`, { shards: [2], alerter: false, targets: [IN_SHARD[2]] }],
    [
      `target=${IN_SHARD[2]}&target=${IN_SHARD[0]}`,
      { shards: [0, 2], alerter: false, targets: [IN_SHARD[2], IN_SHARD[0]] },
    ],
    // Only the shards of the targets are asked, though more were named.
    [`shard=1&shard=2&target=${IN_SHARD[2]}`, { shards: [2], alerter: false, targets: [IN_SHARD[2]] }],
    ["family=zako_v1_probe_success", { shards: [0, 1, 2, 3], alerter: true, families: ["zako_v1_probe_success"] }],
    [
      "family=zako_v1_probe_*&family=zako_watch_unexposed_series&shard=1",
      {
        shards: [1],
        alerter: false,
        families: ["zako_v1_probe_duration_seconds", "zako_v1_probe_success", "zako_watch_unexposed_series"],
      },
    ],
    // What a query of Prometheus names is a sample.
    [
      "family=zako_v1_probe_duration_seconds_bucket",
      { shards: [0, 1, 2, 3], alerter: true, families: ["zako_v1_probe_duration_seconds"] },
    ],
  ])("%j", (query, asked) => {
    expect(ask(query)).toEqual({ ok: true, asked });
  });

  it.each([
    ["shard=4", 'Shard "4" does not exist: there are 4, from 0 to 3.'],
    ["shard=-1", 'Shard "-1" does not exist: there are 4, from 0 to 3.'],
    ["shard=", 'Shard "" does not exist: there are 4, from 0 to 3.'],
    ["shard=1&shard=1e0", 'Shard "1e0" does not exist: there are 4, from 0 to 3.'],
    ["shards=1", 'Parameter "shards" does not exist. Choose from shard, target, family; each may be repeated.'],
    ["name[]=up", 'Parameter "name[]" does not exist. Choose from shard, target, family; each may be repeated.'],
    [
      `shard=1&target=${IN_SHARD[2]}`,
      `Target "${IN_SHARD[2]}" is not in that shard: it would be in shard 2. Leave \`shard\` out.`,
    ],
    [
      "family=zako_v1_probe_sucess",
      'Family "zako_v1_probe_sucess" does not exist. Did you mean zako_v1_probe_success? Give a whole name, or a beginning and "*", such as zako_v1_probe_*. docs/metrics.md lists all.',
    ],
    [
      "family=node_*",
      'Family "node_*" does not exist. Give a whole name, or a beginning and "*", such as zako_v1_probe_*. docs/metrics.md lists all.',
    ],
    [
      "family=~exemplar",
      'Family "~exemplar" does not exist. Give a whole name, or a beginning and "*", such as zako_v1_probe_*. docs/metrics.md lists all.',
    ],
  ])("%j is refused in words", (query, error) => {
    expect(ask(query)).toEqual({ ok: false, error });
  });

  it("of one shard names the one that there is", () => {
    expect(ask("shard=1", 1)).toEqual({ ok: false, error: 'Shard "1" does not exist: there is one, shard 0.' });
  });

  it("gives back no more than a bit of what was sent", () => {
    const read = ask(`family=${"x".repeat(5_000)}`);
    expect(read.ok ? "" : read.error.length).toBeLessThan(300);
  });
});
