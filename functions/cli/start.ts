import { mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { RECEIVER_KEY } from "../../test/receiver/receiver-key.ts";
import { type Receiver, startReceiver } from "../../test/receiver/server.ts";
import { defaultControlPort } from "../../test/zako/cli.ts";
import { startZako, type Zako } from "../../test/zako/server.ts";
import { MINUTE_MS } from "../lib/time-units.ts";
import type { Config } from "../model/config.ts";
import { removeLocalRun, statePathOf, writeLocalRun } from "./local-run.ts";
import { Bridges } from "./start/bridges.ts";
import { type DevSecrets, devSecrets } from "./start/dev-secrets.ts";
import { createDescriber } from "./start/format-event.ts";
import { localConfig, storeGolden } from "./start/local-config.ts";
import { localNotifySecrets } from "./start/local-notify.ts";
import { portIsFree } from "./start/port.ts";
import { runOnce, startWrangler, type Wrangler } from "./start/wrangler.ts";

const HELP = `npm start                      a reference Zako and a prober that watches it
npm start -- --config FILE     the prober alone, with the targets of FILE
  PORT=8787                    where the prober listens
  --verbose                    everything that wrangler prints`;

/** Runs the product's main job on this machine until it is interrupted. */
async function main(): Promise<number> {
  const values = readOptions();
  if (typeof values === "string") {
    console.error(`${values}\n\n${HELP}`);
    return 2;
  }
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const port = Number(process.env["PORT"] ?? "8787");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    console.error(`Cannot listen on PORT=${process.env["PORT"]}: it must be a number from 1 to 65535.`);
    return 2;
  }
  if (!(await portIsFree(port))) {
    console.error(
      `Cannot listen on port ${port}: something else does. Stop it, or choose another: PORT=8788 npm start`,
    );
    return 1;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  // Whoever read what is printed here has gone.
  process.stdout.on("error", () => stop.abort());
  stopWithNpm(stop);

  const own = values.config === undefined;
  const scratch = mkdtempSync(join(tmpdir(), "zako-watch-"));
  // By port, so that a second one, or a build of the tests, does not take this one's place.
  const state = own ? join(scratch, "state") : resolve(statePathOf(port));
  const compiled = resolve(`.wrangler/compiled/${port}.json`);
  for (const folder of [state, dirname(compiled)]) mkdirSync(folder, { recursive: true });
  const given: NodeJS.ProcessEnv = { ...process.env };
  const bridges = new Bridges(join(scratch, "bridges.json"));
  let zako: Zako | undefined;
  let receiver: Receiver | undefined;
  let wrangler: Wrangler | undefined;
  try {
    const config = values.config === undefined ? join(scratch, "watch.yaml") : resolve(values.config);
    if (own) {
      zako = await startOwnZako();
      receiver = await startOwnReceiver();
      const { advertisedAddress: address } = zako.state();
      const told = { url: receiver.url, webhookKey: RECEIVER_KEY };
      Object.assign(given, localNotifySecrets(told));
      const { url, grpcUrl } = zako;
      writeFileSync(config, localConfig({ url, grpcUrl, address }, storeGolden(zako.store), told, port));
    }
    const env = {
      ...process.env,
      WATCH_CONFIG: config,
      WATCH_COMPILED: compiled,
      WATCH_LOCAL: "1",
      WATCH_BRIDGES: bridges.file,
    };
    await bridges.prepare(config);
    const unusable = `Cannot start: ${config} cannot be used.`;
    if ((await runOnce(compile, env, stop.signal, unusable)) !== 0) return stop.signal.aborted ? 0 : 1;
    console.log("Starting; this takes a few seconds.");
    const migrate = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", state];
    const noDatabase = "Cannot start: the local database cannot be set up.";
    if ((await runOnce(migrate, env, stop.signal, noDatabase)) !== 0) return stop.signal.aborted ? 0 : 1;
    const secrets = devSecrets(scratch, JSON.parse(readFileSync(compiled, "utf8")) as Config, given);
    for (const name of secrets.missing)
      console.log(
        `The secret ${name} is not set, so what needs it will not work; ${name}=... npm start -- --config FILE sets it.`,
      );
    const zakoControl = zako === undefined ? {} : { zakoControlUrl: zako.controlUrl };
    writeLocalRun({ port, pid: process.pid, statePath: state, adminToken: secrets.adminToken, ...zakoControl });
    const verbose = values.verbose === true;
    const secretFiles = secrets.files;
    const { signal } = stop;
    wrangler = await startWrangler({ port, state, scratch, compiled, env, verbose, secretFiles, signal, onLine });
    printUrls(port, { zako, receiver, secrets }, config);
    watchConfig(config, bridges, env, stop.signal);
    await runClock(`http://127.0.0.1:${port}`, stop.signal, wrangler.exited);
    if (!stop.signal.aborted) {
      console.error("The Worker has stopped by itself; run again with --verbose to see why.");
      return 1;
    }
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    await wrangler?.stop();
    await bridges.close();
    await zako?.close();
    await receiver?.close();
    removeLocalRun(port);
    for (const path of [scratch, compiled]) rmSync(path, { recursive: true, force: true });
  }
}

interface Options {
  config?: string;
  verbose?: boolean;
  help?: boolean;
}

/** The command line's options, or what is wrong with them. */
function readOptions(): Options | string {
  const options = { config: { type: "string" }, verbose: { type: "boolean" }, help: { type: "boolean" } } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const compile = [process.execPath, "functions/cli/compile.ts"];

/** Ends with the npm that started this: told to end, it tells only the shell between, which ends without a word. */
function stopWithNpm(stop: AbortController): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid !== shell) stop.abort();
  }, 250).unref();
}

/** The control API is on its usual port where that is free, so that `npm run zako -- fault NAME` finds it. */
function startOwnZako(): Promise<Zako> {
  return startZako({ controlPort: defaultControlPort }).catch(() => startZako());
}

/** Where people would be told; on its usual port where that is free. */
function startOwnReceiver(): Promise<Receiver> {
  return startReceiver({ port: RECEIVER_PORT }).catch(() => startReceiver());
}

const RECEIVER_PORT = 8790;

const describe = createDescriber();

function onLine(line: string): void {
  for (const text of describe(line)) console.log(text);
}

/** Targets whose senders are told how to push; the others go the same way. */
const MOST_SENDERS = 3;

function printUrls(
  port: number,
  running: { zako: Zako | undefined; receiver: Receiver | undefined; secrets: DevSecrets },
  config: string,
): void {
  const { zako, receiver } = running;
  const { senders } = running.secrets;
  const base = `http://127.0.0.1:${port}`;
  const lines = [
    "",
    `Ready. ${zako === undefined ? "" : "A Zako runs on this machine, and is asked every 10 seconds whether it works. "}Ctrl-C ends it.`,
    "",
    `  metrics   ${base}/metrics`,
    `  health    ${base}/healthz`,
    `  alerts    ${base}/alerts, or: npm run cli -- alerts list`,
    `  targets   ${config}: edit it while this runs`,
    ...senders.slice(0, MOST_SENDERS).map(({ target, token }) => {
      const headers = `authorization=Bearer%20${token},x-zako-target=${target}`;
      return `  push      OTEL_EXPORTER_OTLP_ENDPOINT=${base} OTEL_EXPORTER_OTLP_HEADERS=${headers}`;
    }),
    ...(zako === undefined
      ? []
      : [
          `  Zako      ${zako.url} (gRPC-Web and Connect), ${zako.grpcUrl} (native gRPC)`,
          `  control   ${zako.controlUrl}`,
          `  messages  ${receiver?.url}   notifications as Slack, e-mail, PagerDuty and webhook receivers get them`,
          "",
          "In another terminal:",
          "",
          "  break it      npm run zako -- fault flip-byte",
          "  fix it        npm run zako -- clear",
          "  other faults  npm run zako -- fault --list",
        ]),
    "",
  ];
  console.log(lines.join("\n"));
}

/** Compiles the config again whenever its file changes; a broken one is told and the running one kept. */
function watchConfig(config: string, bridges: Bridges, env: NodeJS.ProcessEnv, signal: AbortSignal): void {
  let pending: NodeJS.Timeout | undefined;
  // The folder is watched, not the file: editors replace files, and a watch on the old one would go deaf.
  const watcher = watch(dirname(config), { signal }, (_event, name) => {
    if (name !== basename(config)) return;
    clearTimeout(pending);
    pending = setTimeout(() => {
      bridges
        .prepare(config)
        .then(() =>
          runOnce(compile, env, signal, "The file cannot be used as it is now; what was read before stays in force."),
        )
        .catch((error: unknown) => {
          if (!signal.aborted) console.error(error);
        });
    }, 100);
  });
  watcher.on("error", () => {});
}

/** Fires the cron at once and then at every full minute, as the platform would: wrangler never does so by itself. */
async function runClock(base: string, signal: AbortSignal, exited: Promise<unknown>): Promise<void> {
  let over = false;
  const end = Promise.race([exited, new Promise((r) => signal.addEventListener("abort", r, { once: true }))]).then(
    () => {
      over = true;
    },
  );
  while (!over && !signal.aborted) {
    const url = `${base}/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=${Date.now()}`;
    await fetch(url, { signal }).catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const minute = new Promise((r) => {
      timer = setTimeout(r, MINUTE_MS - (Date.now() % MINUTE_MS));
    });
    await Promise.race([minute, end]);
    clearTimeout(timer);
  }
}

process.exitCode = await main();
