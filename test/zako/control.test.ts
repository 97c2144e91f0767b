import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { TestProject } from "vitest/node";
import startShared from "../global.ts";
import * as control from "../zako-control.ts";
import { run } from "./cli.ts";
import { bytesOf, clientsOf, codeOf, ways } from "./clients.ts";
import { catalogue, type FaultEntry } from "./faults/catalogue.ts";
import { startZako } from "./server.ts";

/** Looks again at once: what is waited for comes with the next turns of the event loop. */
const withDeadline = { interval: 1, timeout: 10_000 };

const zako = await startZako();
afterAll(() => zako.close());
beforeEach(() => zako.reset());
const url = zako.controlUrl;

describe("the control API", () => {
  it("switches faults on and off", async () => {
    expect(await control.setFault(url, "latency", { ms: 5 }, { method: "CAS", times: 3, probability: 0.5 })).toEqual({
      ...{ name: "latency", params: { ms: 5 }, method: "cas", times: 3, probability: 0.5 },
    });
    await control.setFault(url, "hang");
    expect((await control.state(url)).faults.map(({ name }) => name)).toEqual(["latency", "hang"]);
    await control.clearFaults(url, "latency");
    expect((await control.state(url)).faults.map(({ name }) => name)).toEqual(["hang"]);
    await control.clearFaults(url);
    expect((await control.state(url)).faults).toEqual([]);
  });

  it("stores and removes blobs", async () => {
    const { hex, sizeBytes } = await control.putBlob(url, bytesOf(99));
    expect([zako.store.has(hex), sizeBytes]).toEqual([true, 99]);
    expect((await control.state(url)).blobs).toEqual({ count: 1, sizeBytes: 99 });
    expect(await control.removeBlob(url, hex.toUpperCase())).toBe(true);
    expect(await control.removeBlob(url, hex)).toBe(false);
    expect((await control.state(url)).blobs).toEqual({ count: 0, sizeBytes: 0 });
  });

  it("sets the health of a service", async () => {
    await control.setHealth(url, "new", "NOT_SERVING");
    expect((await control.state(url)).health).toMatchObject({ "": "SERVING", new: "NOT_SERVING" });
  });

  it("lists every fault with its doc, its parameters and where it acts", async () => {
    const listed = (await (await fetch(`${url}/faults`)).json()) as FaultEntry[];
    expect(listed).toEqual(catalogue());
    for (const { doc, methods, protocols, http } of listed) {
      expect(doc).toMatch(/^[A-Z].*\.$/);
      expect([methods.length, protocols.length, http.length].every((count) => count > 0)).toBe(true);
    }
  });

  it("resets to a fresh server", async () => {
    const fresh = await control.state(url);
    const { health, cas } = clientsOf(ways[0] as (typeof ways)[number], zako);
    await control.putBlob(url, bytesOf(5));
    await control.setHealth(url, "", "NOT_SERVING");
    await health.check({}, { headers: { traceparent: "t" } });
    await cas.getTransportDetails({ supportedProtocols: [0] });
    await control.setFault(url, "hang");
    expect(await control.state(url)).not.toEqual(fresh);
    await control.reset(url);
    const again = await control.state(url);
    // The client's connection is still open, and stays counted as such.
    expect({ ...again, connections: fresh.connections }).toEqual(fresh);
  });

  it("forgets calls that were in flight at a reset", async () => {
    await control.setFault(url, "hang");
    const leave = new AbortController();
    const { health } = clientsOf(ways[0] as (typeof ways)[number], zako);
    const call = codeOf(health.check({}, { signal: leave.signal }));
    await vi.waitFor(() => expect(zako.state().calls.inFlight).toBe(1), withDeadline);
    await control.reset(url);
    leave.abort();
    expect(await call).toBe("canceled");
    expect(await codeOf(health.check({}))).toBe("ok");
    expect(zako.state()).toMatchObject({
      calls: { inFlight: 0, peak: 1, aborted: 0 },
      requests: [{ method: "health.Check", code: "ok", count: 1 }],
    });
  });

  it.each([
    ["POST", "/faults", "{", "The body must be a fault"],
    ["POST", "/faults", "[]", "The body must be a fault"],
    ["POST", "/faults", "{}", "needs a `name`"],
    ["POST", "/faults", '{"name":"latency","parms":{}}', "no field `parms`"],
    ["POST", "/faults", '{"name":"latency","params":[]}', "`params` must be an object"],
    ["POST", "/faults", '{"name":"latancy"}', "no fault `latancy`. Did you mean `latency`? Faults: latency, hang,"],
    ["POST", "/faults", '{"name":"zzzzzzzzz"}', "There is no fault `zzzzzzzzz`. Faults: latency"],
    ["POST", "/faults", '{"name":"latency","params":{"sm":1}}', "no parameter `sm`"],
    [
      "POST",
      "/faults",
      '{"name":"latency","params":{"ms":"soon"}}',
      "`ms` is `soon`; it must be a number of 0 or more",
    ],
    ["POST", "/faults", '{"name":"latency","times":0}', "`times` is `0`; it must be a number of 1 or more"],
    ["POST", "/faults", '{"name":"latency","probability":2}', "`probability` is `2`; it must be a number from 0 to 1"],
    [
      "POST",
      "/faults",
      '{"name":"rpc","params":{"code":"bad"}}',
      "`code` is `bad`; it must be one of canceled, unknown",
    ],
    [
      "POST",
      "/faults",
      '{"name":"flip-byte","method":"cas"}',
      "cannot act on method `cas`; it can on transport, transport.Download",
    ],
    ["DELETE", "/faults/nothing-like-it", undefined, "There is no fault `nothing-like-it`"],
    ["PUT", "/health", '{"service":"","status":"FINE"}', '`status` is "FINE"; it must be one of UNKNOWN, SERVING'],
    ["PUT", "/health", "{}", "`service` must be a name"],
    ["GET", "/stat", undefined, "There is no GET /stat. There are: GET /state"],
    ["GET", "/%zz", undefined, "URI malformed"],
  ])("refuses %s %s %s", async (method, path, body, said) => {
    const response = await fetch(url + path, body === undefined ? { method } : { method, body });
    expect(response.ok).toBe(false);
    expect(await response.text()).toContain(said);
    expect(zako.faults.list()).toEqual([]);
  });
});

describe("the server that a whole test run shares", () => {
  it("is told to the tests, and ends with them", async () => {
    const provided = new Map<string, string>();
    const provide = (key: string, value: string) => void provided.set(key, value);
    const end = await startShared({ provide } as unknown as TestProject);
    const controlUrl = provided.get("zakoControl") ?? "";
    const { url: web, grpcUrl } = await control.state(controlUrl);
    expect(Object.fromEntries(provided)).toMatchObject({ zako: web, zakoGrpc: grpcUrl, zakoControl: controlUrl });
    await end();
    await expect(control.state(controlUrl)).rejects.toThrow("fetch failed");
  });
});

describe("npm run zako", () => {
  async function zakoCommand(
    line: string,
    controlUrl: string | undefined = url,
    running: readonly { port: number; zakoControlUrl: string }[] = [],
  ) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await run(line.split(" ").filter(Boolean), {
      control: controlUrl === "" ? undefined : controlUrl,
      running: () => running,
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      ending: AbortSignal.abort(),
    });
    return { code, out: out.join("\n"), err: err.join("\n") };
  }

  it("switches faults on and off, and shows the state", async () => {
    const on = await zakoCommand("fault rpc --code=aborted --message hello --method cas --times 4");
    expect(on).toMatchObject({ code: 0, err: "" });
    expect(zako.faults.list()).toEqual([
      { name: "rpc", params: { code: "aborted", message: "hello" }, method: "cas", times: 4 },
    ]);
    expect(JSON.parse((await zakoCommand("state")).out)).toEqual(JSON.parse(JSON.stringify(zako.state())));
    expect((await zakoCommand("clear rpc")).code).toBe(0);
    expect(zako.faults.list()).toEqual([]);
    await zakoCommand("fault hang");
    expect((await zakoCommand(`clear --control ${url}`, "http://127.0.0.1:1")).code).toBe(0);
    expect(zako.faults.list()).toEqual([]);
  });

  it("finds the Zako of this checkout's local run by itself", async () => {
    const runs = [{ port: 8788, zakoControlUrl: url }];
    expect((await zakoCommand("fault hang", "", runs)).code).toBe(0);
    expect(zako.faults.list()).toEqual([{ name: "hang", params: {} }]);
    const two = await zakoCommand("clear", "", [...runs, { port: 8789, zakoControlUrl: "http://127.0.0.1:1" }]);
    expect(two).toMatchObject({ code: 2, err: expect.stringContaining(`--control ${url} (prober on port 8788)`) });
  });

  it("lists every fault", async () => {
    const { out } = await zakoCommand("fault --list");
    for (const { name, doc } of catalogue()) expect(out).toContain(`${name}\n    ${doc}`);
  });

  it.each([
    ["", 2, "npm run zako -- serve"],
    ["help", 0, "npm run zako -- serve"],
    ["falt hang", 2, "There is no command `falt`. Did you mean `fault`?"],
    ["fault", 2, "Name one fault"],
    ["fault hangg", 1, "There is no fault `hangg`. Did you mean `hang`?"],
    ["fault latency --ms", 2, "--ms needs a value"],
    ["fault latency --times many", 1, "`times` is `many`; it must be a number of 1 or more."],
    ["clear --al yes", 2, "There is no flag `--al`."],
    ["clear one two", 2, "`two` is one word too many"],
    ["state --control nowhere", 2, "The control URL is `nowhere`"],
    ["serve --without helth", 2, "There is no optional service `helth`. Did you mean `health`?"],
    ["serve --host 10.0.0.1", 2, "--host is `10.0.0.1`; it must be a loopback address such as 127.0.0.11."],
    ["serve --control-port 0 --host 127.0.0.21", 0, "control                http://127.0.0.21:"],
    ["serve --port http", 2, "--port is `http`; it must be a port, 0 to 65535"],
  ])("%j answers %i: %s", async (line, code, said) => {
    const answer = await zakoCommand(line);
    expect(answer.code).toBe(code);
    expect(answer.out + answer.err).toContain(said);
  });

  it("says when nothing listens", async () => {
    const gone = await startZako();
    await gone.close();
    const { code, err } = await zakoCommand("state", gone.controlUrl);
    expect([code, err]).toEqual([1, expect.stringContaining(`No reference Zako answers at ${gone.controlUrl}.`)]);
  });

  it("says when a port is taken, and leaves nothing open", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, err } = await zakoCommand(`serve --control-port 0 --grpc-port ${port}`);
    expect([code, err]).toEqual([1, expect.stringContaining(`port ${port} is taken; choose another with --grpc-port`)]);
    await new Promise((resolve) => taken.close(resolve));
  });

  it("serve ends at once on Ctrl-C, whatever is still open, and leaves no process", async () => {
    const args = ["test/zako/main.ts", "serve", "--control-port", "0"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    const urls: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      urls.push(...(line.match(/http:\S+/g) ?? []));
      if (line.includes("Ctrl-C")) break;
    }
    const [webUrl = "", grpcUrl = "", controlUrl = ""] = urls;
    await control.setFault(controlUrl, "hang");
    const hanging = fetch(`${webUrl}/grpc.health.v1.Health/Check`, { method: "POST" }).then(
      () => "answered",
      () => "cut",
    );
    const session = connectHttp2(grpcUrl);
    const closed = new Promise((resolve) => session.once("close", resolve));
    session.on("error", () => {});
    await new Promise((resolve) => session.once("connect", resolve));
    await vi.waitFor(async () => expect((await control.state(controlUrl)).calls.inFlight).toBe(1), withDeadline);
    child.kill("SIGINT");
    expect(await exited).toBe(0);
    expect(await hanging).toBe("cut");
    await closed;
  }, 30_000);
});
