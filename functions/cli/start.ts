import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Receiver } from "../../test/receiver/server.ts";
import type { Zako } from "../../test/zako/server.ts";
import type { Config } from "../model/config.ts";
import { removeLocalRun, statePathOf, writeLocalRun } from "./local-run.ts";
import { type LookServer, startLookServer } from "./look/look-server.ts";
import { Bridges } from "./start/bridges.ts";
import { type DevSecrets, devSecrets } from "./start/dev-secrets.ts";
import { createDescriber } from "./start/format-event.ts";
import { localConfig, storeGolden } from "./start/local-config.ts";
import { localNotifySecrets } from "./start/local-notify.ts";
import { asLocal, startOwnReceiver, startOwnZako } from "./start/own-servers.ts";
import { printUrls } from "./start/print-urls.ts";
import { runClock } from "./start/run-clock.ts";
import { markScratch, removeAbandoned, SCRATCH_PREFIX } from "./start/scratch.ts";
import { readStartOptions, type StartOptions } from "./start/start-options.ts";
import { COMPILE, watchConfig } from "./start/watch-config.ts";
import { runOnce, startWrangler, type Wrangler } from "./start/wrangler.ts";

/** Files and folders of a run. */
interface Places {
  /** Removed when the run ends. */
  scratch: string;
  /** Of the database, KV and Durable Objects. */
  state: string;
  config: string;
  compiled: string;
}

/** What runs, and is closed in the end. */
interface Running {
  bridges: Bridges;
  look?: LookServer;
  zako?: Zako;
  receiver?: Receiver;
  wrangler?: Wrangler;
}

/** Runs the product's main job on this machine until it is interrupted. */
async function main(): Promise<number> {
  const options = await readStartOptions();
  if (typeof options === "number") return options;
  const stop = stopOnSignals();
  const places = makePlaces(options);
  const running: Running = { bridges: new Bridges(join(places.scratch, "bridges.json")) };
  try {
    return await run(options, places, running, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return 0;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await close(running);
    removeLocalRun(options.port);
    for (const path of [places.scratch, places.compiled]) rmSync(path, { recursive: true, force: true });
  }
}

function stopOnSignals(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  // Whoever read what is printed here has gone.
  process.stdout.on("error", () => stop.abort());
  stopWithNpm(stop);
  return stop;
}

/** By port, so that a second one, or a build of the tests, does not take this one's place. */
function makePlaces({ config, port }: StartOptions): Places {
  const scratch = mkdtempSync(join(tmpdir(), SCRATCH_PREFIX));
  const places: Places = {
    scratch,
    state: config === undefined ? join(scratch, "state") : resolve(statePathOf(port)),
    config: config === undefined ? join(scratch, "watch.yaml") : resolve(config),
    compiled: resolve(`.wrangler/compiled/${port}.json`),
  };
  removeAbandoned();
  markScratch(scratch);
  for (const folder of [places.state, dirname(places.compiled)]) mkdirSync(folder, { recursive: true });
  return places;
}

async function run(options: StartOptions, places: Places, running: Running, signal: AbortSignal): Promise<number> {
  const { state, scratch, config, compiled } = places;
  const { port, verbose, workers } = options;
  const { bridges } = running;
  const given = options.config === undefined ? await startOwnTarget(places, running, port) : {};
  const look = await startLookServer(
    (origin) => bridges.causeOf(origin),
    (origin) => bridges.knows(origin),
  );
  running.look = look;
  const env = {
    ...process.env,
    WATCH_LOOK: look.url,
    WATCH_CONFIG: config,
    WATCH_COMPILED: compiled,
    WATCH_LOCAL: "1",
    WATCH_BRIDGES: bridges.file,
  };
  await bridges.prepare(config);
  const unusable = `Cannot start: ${config} has errors.`;
  if ((await runOnce(COMPILE, env, signal, unusable)) !== 0) return signal.aborted ? 0 : 1;
  console.log("Starting; this takes a few seconds.");
  const migrate = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", state];
  const noDatabase = "Cannot start: setting up the local database failed.";
  if ((await runOnce(migrate, env, signal, noDatabase)) !== 0) return signal.aborted ? 0 : 1;
  const secrets = secretsOf(places, { ...process.env, ...given });
  if (secrets.weak.length > 0) {
    for (const words of secrets.weak) console.error(`Cannot start: ${words}.`);
    return 1;
  }
  const zakoControl = running.zako === undefined ? {} : { zakoControlUrl: running.zako.controlUrl };
  const { adminToken } = secrets;
  writeLocalRun({ port, pid: process.pid, statePath: state, configPath: config, adminToken, ...zakoControl });
  const secretFiles = secrets.files;
  running.wrangler = await startWrangler({
    port,
    state,
    scratch,
    compiled,
    workers,
    env,
    verbose,
    secretFiles,
    signal,
    onLine,
  });
  printUrls(port, { zako: running.zako, receiver: running.receiver, secrets }, config);
  watchConfig(config, bridges, env, signal);
  await runClock(`http://127.0.0.1:${port}`, signal, running.wrangler.exited);
  if (signal.aborted) return 0;
  console.error("The Worker stopped unexpectedly. Run again with --verbose to see why.");
  return 1;
}

/** Starts a Zako and a receiver, and writes the configuration that watches it; answers the secrets that it names. */
async function startOwnTarget(places: Places, running: Running, port: number): Promise<Record<string, string>> {
  const zako = await startOwnZako();
  running.zako = zako;
  running.receiver = await startOwnReceiver();
  const receiver = asLocal(running.receiver);
  const { url, grpcUrl } = zako;
  const { advertisedAddress: address } = zako.state();
  writeFileSync(places.config, localConfig({ url, grpcUrl, address }, storeGolden(zako.store), receiver, port));
  return localNotifySecrets(receiver);
}

function secretsOf({ scratch, compiled }: Places, given: NodeJS.ProcessEnv): DevSecrets {
  const secrets = devSecrets(scratch, JSON.parse(readFileSync(compiled, "utf8")) as Config, given);
  for (const name of secrets.missing)
    console.log(
      `The secret ${name} is not set, so whatever needs it will fail. To set it: ${name}=... npm start -- --config FILE`,
    );
  return secrets;
}

async function close({ wrangler, bridges, look, zako, receiver }: Running): Promise<void> {
  await wrangler?.stop();
  await look?.close();
  await bridges.close();
  await zako?.close();
  await receiver?.close();
}

/** Ends with the npm that started this: told to end, it tells only the shell between, which ends without a word. */
function stopWithNpm(stop: AbortController): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid !== shell) stop.abort();
  }, 250).unref();
}

const describe = createDescriber();

function onLine(line: string): void {
  for (const text of describe(line)) console.log(text);
}

process.exitCode = await main();
