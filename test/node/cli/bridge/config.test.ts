import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { grpcOrigins, throughBridges } from "../../../../functions/cli/bridge/through-bridges.ts";
import { buildConfig } from "../../../../functions/cli/config/build-config.ts";
import { loadConfig } from "../../../../functions/cli/config/load-config.ts";
import { Bridges } from "../../../../functions/cli/start/bridges.ts";
import type { Config } from "../../../../functions/model/config.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { answerOk, startOrigin } from "./scripted-origin.ts";

let folder: string;
let bridges: Bridges;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zako-watch-"));
  bridges = new Bridges(join(folder, "bridges.json"));
});
afterEach(async () => {
  await bridges.close();
  rmSync(folder, { recursive: true });
});

const file = (): string => join(folder, "watch.yaml");
const output = (): string => join(folder, "compiled.json");
const compiled = (): Config => JSON.parse(readFileSync(output(), "utf8")) as Config;

const target = (name: string, protocol: string, cas: string, transport = cas): string =>
  `  - { name: ${name}, protocol: ${protocol}, cas: "${cas}", transport: "${transport}", labels: { team: build } }\n`;

function write(...targets: string[]): Config {
  writeFileSync(file(), `targets:\n${targets.join("")}`);
  const loaded = loadConfig(file(), PROBE_KINDS, { local: true });
  if (!loaded.ok) throw new Error(loaded.errors.join("\n"));
  return loaded.config;
}

const build = (over: { local?: boolean; bridges?: string } = {}): number =>
  buildConfig({
    kinds: PROBE_KINDS,
    file: file(),
    local: true,
    builtFor: undefined,
    bridges: bridges.file,
    output: output(),
    complain: () => {},
    ...over,
  });

describe("a configuration through bridges", () => {
  const map = { "http://127.0.0.1:50001": "http://127.0.0.1:50011", "https://cas.example": "http://127.0.0.1:50012" };

  it("has other URLs for its grpc targets, and is else what was configured", () => {
    const config = write(
      target("native", "grpc", "https://cas.example:443/", "http://127.0.0.1:50001/deep/er/"),
      target("web", "grpc-web", "http://127.0.0.1:50001"),
      target("connect", "connect", "https://cas.example"),
    );
    expect(grpcOrigins(config)).toEqual(["https://cas.example", "http://127.0.0.1:50001"]);
    const [native, ...others] = config.targets;
    expect(throughBridges(config, map)).toEqual({
      ...config,
      targets: [
        { ...native, casUrl: "http://127.0.0.1:50012", transportUrl: "http://127.0.0.1:50011/deep/er" },
        ...others,
      ],
    });
  });

  it("is none while a bridge is missing", () => {
    const config = write(target("native", "grpc", "https://cas.example", "https://toString.example"));
    expect(throughBridges(config, map)).toBeUndefined();
  });
});

describe("a local run", () => {
  it("asks grpc targets through bridges of their own, one for each origin", async () => {
    const origin = await startOrigin();
    const { hash } = write(
      target("a", "grpc", origin.url, "http://127.0.0.1:50009"),
      target("b", "grpc", origin.url),
      target("c", "grpc-web", origin.url),
    );
    await bridges.prepare(file());
    expect(build()).toBe(0);
    const [a, b, c] = compiled().targets;
    expect([c?.casUrl, compiled().hash]).toEqual([origin.url, hash]);
    expect([b?.casUrl, b?.transportUrl]).toEqual([a?.casUrl, a?.casUrl]);
    expect(new Set([a?.casUrl, a?.transportUrl, origin.url]).size).toBe(3);
    origin.script = answerOk;
    const response = await fetch(`${a?.casUrl}/x/y`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web" },
    });
    expect([response.status, origin.calls]).toEqual([200, 1]);
    await response.arrayBuffer();
    await origin.close();
  });

  it("keeps its bridges when the file changes, and adds those of new targets", async () => {
    write(target("a", "grpc", "http://127.0.0.1:50009"));
    await Promise.all([bridges.prepare(file()), bridges.prepare(file())]);
    build();
    const first = compiled().targets[0]?.casUrl;
    write(target("a", "grpc", "http://127.0.0.1:50009"), target("b", "grpc", "http://127.0.0.1:50010"));
    utimesSync(output(), 1, 1);
    expect(build()).toBe(0);
    // Wrangler may build before the bridge is there.
    expect(statSync(output()).mtimeMs).toBe(1_000);
    await bridges.prepare(file());
    expect(build()).toBe(0);
    const urls = compiled().targets.map(({ casUrl }) => casUrl);
    expect([urls[0], new Set(urls).size]).toEqual([first, 2]);
  });

  it("with a broken file keeps what it has", async () => {
    write(target("a", "grpc", "http://127.0.0.1:50009"));
    await bridges.prepare(file());
    build();
    const before = [readFileSync(output(), "utf8"), readFileSync(bridges.file, "utf8")];
    writeFileSync(file(), "targets: [");
    await bridges.prepare(file());
    expect(build()).toBe(1);
    expect([readFileSync(output(), "utf8"), readFileSync(bridges.file, "utf8")]).toEqual(before);
  });
});

it("finds the cause of what the Worker still asks while an edit is on its way to it", async () => {
  const gone = await startOrigin();
  await gone.close();
  write(target("web", "grpc-web", gone.url));
  await bridges.prepare(file());
  const next = "http://127.0.0.1:50002";
  write(target("web", "grpc-web", next), target("native", "grpc", "http://127.0.0.1:50003"));
  await bridges.prepare(file());
  const [bridge = ""] = Object.values(JSON.parse(readFileSync(bridges.file, "utf8")) as Record<string, string>);
  for (const origin of [gone.url, next, bridge]) expect([origin, await bridges.knows(origin)]).toEqual([origin, true]);
  expect(await bridges.causeOf(gone.url)).toMatchObject({
    reason: "connect",
    message: expect.stringContaining("refused"),
  });
  expect(await bridges.causeOf(bridge)).toBeNull();
  for (const other of ["http://127.0.0.1:50004", "https://127.0.0.1:50002"])
    expect(await bridges.knows(other)).toBe(false);
});

it("a build that is not local knows no bridges", () => {
  write(target("a", "grpc", "https://cas.example"));
  writeFileSync(bridges.file, '{"https://cas.example":"http://127.0.0.1:50011"}');
  expect(build({ local: false })).toBe(0);
  expect(compiled().targets[0]?.casUrl).toBe("https://cas.example");
});
