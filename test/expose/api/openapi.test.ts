import { expect, it } from "vitest";
import { AlertingService, SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { asking, portsWith } from "./api-world.ts";
import { MemoryAlerting } from "./memory-alerting.ts";

interface OpenApi {
  paths: Record<string, Record<string, { operationId: string }>>;
  components: { schemas: Record<string, unknown> };
}

const read = async (): Promise<OpenApi> => {
  const response = await asking(portsWith({ alerting: new MemoryAlerting() }))("/openapi.json");
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
  return response.json();
};

it("describes every method that the Worker serves, and no other", async () => {
  const { paths } = await read();
  const served = [AlertingService, SilenceService].flatMap((service) =>
    service.methods.map(({ name }) => `/${service.typeName}/${name}`),
  );
  expect(Object.keys(paths).sort()).toEqual(served.sort());
  const ids = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(new Set(ids).size).toBe(ids.length);
});

it("says GET where a method takes it", async () => {
  const { paths } = await read();
  const ask = asking(portsWith({ alerting: new MemoryAlerting() }));
  for (const [path, operations] of Object.entries(paths)) {
    const { status } = await ask(`${path}?connect=v1&encoding=json&message={}`);
    expect([path, status === 405]).toEqual([path, operations["get"] === undefined]);
  }
});

it("refers only to what it has", async () => {
  const document = await read();
  const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !Object.hasOwn(document.components.schemas, name ?? ""))).toEqual([]);
});
