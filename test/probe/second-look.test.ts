import { connect } from "cloudflare:sockets";
import fc from "fast-check";
import { afterEach, describe, expect, inject, it } from "vitest";
import { HOUR_MS } from "../../functions/lib/time-units.ts";
import { EMPTY_MEMORY, type TargetMemory } from "../../functions/model/probing/memory.ts";
import { remember } from "../../functions/model/probing/remember.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { runBatch } from "../../functions/probe/batch.ts";
import { bareLook } from "../../functions/probe/look/bare-look.ts";
import { HTTP2_ONLY, type SecondLook } from "../../functions/probe/look/second-look.ts";
import { PREFACE, requestOf, spoken } from "../../functions/probe/look/spoken.ts";
import { runTask } from "../../functions/probe/run.ts";
import { reset, setFault } from "../zako-control.ts";
import { depsOf, lineOf, SLOT, targetOf, taskOf } from "./tasks.ts";

const native = inject("zakoGrpc");
const web = inject("zako");
const control = inject("zakoControl");
afterEach(() => reset(control));

const SIGNAL = new AbortController().signal;
const nativeTarget = (protocol: "grpc-web" | "connect" | "grpc" = "grpc-web") =>
  targetOf({ casUrl: native, transportUrl: native, protocol });

/** A bare look that counts how often it is taken. */
function counting(): SecondLook & { looks: string[] } {
  const look = bareLook(connect);
  const looks: string[] = [];
  return {
    ...look,
    looks,
    ask: (origin, signal) => {
      looks.push(origin);
      return look.ask(origin, signal);
    },
  };
}

describe("a bare look", () => {
  it("recognises a server that takes HTTP/2 alone, and no other", async () => {
    const look = bareLook(connect);
    expect(await look.ask(native, SIGNAL)).toEqual(HTTP2_ONLY);
    expect(await look.ask(web, SIGNAL)).toBeNull();
    // Port 1 is reserved, and nothing in a test environment listens there.
    expect(await look.ask("http://127.0.0.1:1", SIGNAL)).toBeNull();
  });

  it("is nothing where the platform refuses the address", async () => {
    const refusing = () => {
      throw new Error("proxy request failed");
    };
    expect(await bareLook(refusing).ask(native, SIGNAL)).toBeNull();
  });

  it("is nothing after the deadline", async () => {
    expect(await bareLook(connect).ask(native, AbortSignal.abort())).toBeNull();
  });
});

describe.each(["grpc-web", "connect"] as const)("a target of native gRPC configured as %s", (protocol) => {
  it("is recognised, with what to do", async () => {
    const look = counting();
    const sample = await runTask(taskOf("health", { target: nativeTarget(protocol) }), depsOf({ look }));
    expect(lineOf(sample)).toBe("failed grpc_only: Check grpc_only".replace("Check", sample.steps[0]?.name ?? ""));
    expect(sample.failure?.hint).toMatch(/set protocol to grpc/);
    expect(sample.memory?.looks?.[native]).toMatchObject({ isHttp2Only: true });
    expect(look.looks).toEqual([native]);
  });

  it("is looked at once by a whole batch, and not again within the hour", async () => {
    const look = counting();
    const target = nativeTarget(protocol);
    const kinds = ["health", "cas.details", "cas.negotiate", "transport.upload"];
    const batch = async (memory: TargetMemory, now: number): Promise<readonly Sample[]> => {
      const tasks = kinds.map((kind) => taskOf(kind, { target, memory }));
      return (await runBatch(tasks, { ...depsOf({ look, now: () => now }), timeoutMs: 60_000 })).samples;
    };
    const grpcOnly = (samples: readonly Sample[]) =>
      samples.map(({ failure }) => failure?.reason).filter((reason) => reason === "grpc_only").length;
    const first = await batch(EMPTY_MEMORY, SLOT);
    expect([grpcOnly(first), look.looks.length]).toEqual([kinds.length, 1]);
    const known = first.reduce((memory, sample) => remember(memory, sample.memory ?? {}, SLOT), EMPTY_MEMORY);
    expect(grpcOnly(await batch(known, SLOT + HOUR_MS - 1))).toBe(kinds.length);
    expect(look.looks).toHaveLength(1);
    expect(grpcOnly(await batch(known, SLOT + HOUR_MS))).toBe(kinds.length);
    expect(look.looks).toHaveLength(2);
  });
});

it("is not looked at where a call was answered, whatever it was", async () => {
  const look = counting();
  for (const [fault, params] of [
    ["rpc", {}],
    ["html-error", { status: 502 }],
    ["hang-mid-stream", {}],
    ["truncate", {}],
  ] as const) {
    await setFault(control, fault, params);
    const task = taskOf("health");
    await runTask({ ...task, plan: { ...task.plan, timeoutMs: 500 } }, depsOf({ look }));
    await reset(control);
  }
  expect(look.looks).toEqual([]);
});

it("does not take a server of HTTP/1.1 that loses a connection for one of native gRPC", async () => {
  await setFault(control, "reset");
  const look = counting();
  const sample = await runTask(taskOf("health"), depsOf({ look }));
  expect(sample.failure?.reason).toBe("connect");
  expect([look.looks.length, sample.memory?.looks?.[web]?.isHttp2Only]).toEqual([1, false]);
});

it("says nothing new of a target whose calls are converted to native gRPC", async () => {
  const sample = await runTask(taskOf("health", { target: nativeTarget("grpc") }), depsOf({ look: counting() }));
  expect(sample.failure?.reason).toBe("connect");
});

it("says what a port speaks from its first bytes, in whatever pieces they come", () => {
  const ascii = new TextEncoder();
  const settings = (count: number, rest: number[] = []): number[] => {
    const length = count * 6;
    return [0, length >> 8, length & 0xff, 4, 0, 0, 0, 0, 0, ...rest];
  };
  const table: [string, Iterable<number>, ReturnType<typeof spoken>][] = [
    ["an empty SETTINGS frame", settings(0), "http2"],
    ["SETTINGS of grpc-go", settings(1, [0, 5, 0, 0, 0x40, 0]), "http2"],
    ["SETTINGS of many", settings(9), "http2"],
    ["an answer", ascii.encode("HTTP/1.1 400 Bad Request\r\n\r\n"), "http1"],
    ["an answer of HTTP/1.0", ascii.encode("HTTP/1.0 505 \r\n\r\n"), "http1"],
    ["an alert of TLS", [21, 3, 1, 0, 2, 2, 70], "tls"],
    ["another protocol", ascii.encode("SSH-2.0-OpenSSH"), "else"],
    ["another protocol with H", ascii.encode("HELO there"), "else"],
    ["a frame of data", [0, 0, 1, 0, 0, 0, 0, 0, 1, 7], "else"],
    ["an acknowledgement", [0, 0, 0, 4, 1, 0, 0, 0, 0], "else"],
    ["SETTINGS of half a setting", [0, 0, 3, 4, 0, 0, 0, 0, 0], "else"],
    ["SETTINGS of a stream", [0, 0, 0, 4, 0, 0, 0, 0, 1], "else"],
    ["zeros", new Array<number>(16).fill(0), "else"],
    ["nothing", [], undefined],
  ];
  for (const [what, bytes, expected] of table) {
    const all = Uint8Array.from(bytes);
    expect([what, spoken(all)]).toEqual([what, expected]);
    // Fewer bytes leave it open, or say the same.
    for (let length = 0; length < all.length; length++)
      expect([what, undefined, expected]).toContain(spoken(all.subarray(0, length)));
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void spoken(bytes)));
  expect(spoken(PREFACE)).toBe("else");
  expect(new TextDecoder().decode(requestOf("a:1"))).toMatch(/^OPTIONS \* HTTP\/1\.1\r\nhost: a:1\r\n/);
});
