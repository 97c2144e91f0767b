import { afterEach, expect, inject, it } from "vitest";
import { runTask } from "../../../functions/probe/run.ts";
import { reset, setFault } from "../../zako-control.ts";
import { depsOf, lineOf, targetOf, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

const UNUSABLE: readonly [ip: string, port: number, words: RegExp][] = [
  ["0.0.0.0", -1, /the address 0\.0\.0\.0, which names no host$/],
  ["0.0.0.0", 0, /the address 0\.0\.0\.0/],
  ["0.1.2.3", -1, /names no host/],
  ["::", -1, /the address ::, which names no host$/],
  ["::ffff:0.0.0.0", -1, /names no host/],
  ["224.0.0.1", -1, /multicast or broadcast/],
  ["255.255.255.255", -1, /multicast or broadcast/],
  ["ff02::1", -1, /multicast or broadcast/],
  ["", 0, /returned port 0$/],
  ["203.0.113.9", 0, /returned port 0$/],
];

it.each(UNUSABLE)("cas.details takes %j with port %i for an invalid answer", async (ip, port, words) => {
  await setFault(control, "unusable-address", { ip, port });
  // What is configured cannot make it right: nobody can connect to it.
  const target = targetOf({ address: "203.0.113.9:9000" });
  const sample = await runTask(taskOf("cas.details", { target }), depsOf());
  expect(lineOf(sample)).toBe("failed invalid_answer: details invalid_answer, unknown_protocol ok");
  expect(sample.failure?.message).toMatch(words);
});

it.each(["203.0.113.9", "127.0.0.1", "10.0.0.1", "2001:db8::1", "::1", "::ffff:10.0.0.1"])(
  "cas.details takes %s for an address",
  async (ip) => {
    await setFault(control, "unusable-address", { ip, port: 9_000 });
    expect(lineOf(await runTask(taskOf("cas.details"), depsOf()))).toBe("ok: details ok, unknown_protocol ok");
  },
);
