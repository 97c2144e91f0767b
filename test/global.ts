import type { TestProject } from "vitest/node";
import { startReceiver } from "./receiver/server.ts";
import { startZako } from "./zako/server.ts";

/** Faults act on a whole server, so a table of them takes as long as its rows wait unless several servers share it. */
const SICK_ZAKOS = 5;

/** Starts the reference Zakos and the receiver that the tests inside workerd use, and ends them with the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [zako, ...sick] = await Promise.all(Array.from({ length: 1 + SICK_ZAKOS }, () => startZako()));
  if (zako === undefined) throw new Error("no Zako was started");
  const receiver = await startReceiver();
  project.provide("receiver", receiver.url);
  project.provide("zako", zako.url);
  project.provide("zakoGrpc", zako.grpcUrl);
  project.provide("zakoControl", zako.controlUrl);
  project.provide(
    "sickZakos",
    sick.map(({ url, controlUrl }) => ({ url, control: controlUrl })),
  );
  return async () => {
    await receiver.close();
    await Promise.all([zako, ...sick].map((one) => one.close()));
  };
}
