import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bytesOf, clientsOf, codeOf, ways } from "./clients.ts";
import { startZako } from "./server.ts";

const blobFolder = mkdtempSync(join(tmpdir(), "zako-blobs-"));
const zako = await startZako({ health: false, diagnostics: false, blobFolder });
afterAll(async () => {
  await zako.close();
  rmSync(blobFolder, { recursive: true, force: true });
});

describe("a server like the public one", () => {
  it.each(ways)("has no health service over $name", async (way) => {
    const { health, cas } = clientsOf(way, zako);
    expect(await codeOf(health.check({}))).toBe("unimplemented");
    expect(await codeOf(cas.getTransportDetails({ supportedProtocols: [0] }))).toBe("ok");
  });

  it("begins again with the blobs of its folder", async () => {
    const [kept, removed] = [zako.store.put(bytesOf(99)), zako.store.put(bytesOf(5))];
    zako.store.remove(removed);
    const next = await startZako({ blobFolder });
    expect(next.store.names()).toEqual([kept]);
    expect(next.store.get(kept)).toEqual(Buffer.from(bytesOf(99)));
    next.reset();
    expect(readdirSync(blobFolder)).toEqual([]);
    await next.close();
  });
});
