import { isIPv4 } from "node:net";
import * as control from "../zako-control.ts";
import { methodNames, shapes } from "./call.ts";
import { catalogue } from "./faults/catalogue.ts";
import { nearest } from "./nearest.ts";
import { startZako } from "./server.ts";

/** Port of the control API that the commands look at when nothing names another. */
export const defaultControlPort = 8799;

/** What the commands need of the world around them. */
export interface CommandContext {
  /** The environment's ZAKO_CONTROL: URL of the control API. */
  readonly control: string | undefined;
  /** Control APIs of the local runs of this checkout that have a reference Zako, by the port of their prober. */
  readonly running: () => readonly { port: number; zakoControlUrl: string }[];
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Aborted when `serve` shall end. */
  readonly ending: AbortSignal;
}

/** A command line that cannot be run; the message says why and what would. */
class UsageError extends Error {}

const usage = `The reference Zako.

  npm run zako -- serve [--host 127.0.0.N] [--port N] [--grpc-port N] [--control-port N]
                        [--without health,diagnostics] [--blobs FOLDER]
  npm run zako -- fault NAME [--method cas|transport.Download|...] [--times N] [--probability P] [--PARAMETER VALUE ...]
  npm run zako -- fault --list
  npm run zako -- clear [NAME]
  npm run zako -- state

All but serve talk to a running Zako: --control URL, else ZAKO_CONTROL, else that of the \`npm start\` of this checkout,
else http://127.0.0.1:${defaultControlPort}.`;

const commands: Record<string, (args: Args, around: CommandContext) => Promise<void>> = { serve, fault, clear, state };

/** Runs a command line and answers with the exit code of the process. */
export async function run(argv: readonly string[], around: CommandContext): Promise<number> {
  const [name = "", ...rest] = argv;
  try {
    if (["", "help", "--help", "-h"].includes(name) || rest.includes("--help")) {
      around.out(usage);
      return name === "" ? 2 : 0;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(unknown("command", name, Object.keys(commands)));
    await command(readArgs(rest), around);
    return 0;
  } catch (error) {
    around.err(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

async function serve(args: Args, { out, ending }: CommandContext): Promise<void> {
  only(args, ["host", "port", "grpc-port", "control-port", "without", "blobs"], 0);
  const without = readServices(args);
  const blobFolder = args.flags.get("blobs");
  const host = readHost(args);
  const zako = await startZako({
    port: readPort(args, "port", 0),
    grpcPort: readPort(args, "grpc-port", 0),
    controlPort: readPort(args, "control-port", defaultControlPort),
    health: !without.includes("health"),
    diagnostics: !without.includes("diagnostics"),
    ...(host === undefined ? {} : { host }),
    ...(blobFolder === undefined ? {} : { blobFolder }),
  });
  out(`gRPC-Web and Connect   ${zako.url}`);
  out(`native gRPC (h2c)      ${zako.grpcUrl}`);
  out(`control                ${zako.controlUrl}`);
  out("Break it with: npm run zako -- fault NAME   (fault --list shows them all). Ctrl-C ends it.");
  await new Promise<void>((resolve) => {
    if (ending.aborted) resolve();
    else ending.addEventListener("abort", () => resolve());
  });
  await zako.close();
}

async function fault(args: Args, around: CommandContext): Promise<void> {
  if (args.flags.has("list")) {
    only(args, ["list"], 0);
    for (const line of listing()) around.out(line);
    return;
  }
  const [name] = args.words;
  if (name === undefined || args.words.length > 1) {
    throw new UsageError("Name one fault: npm run zako -- fault NAME. `fault --list` shows them all.");
  }
  const { control: url, ...wanted } = Object.fromEntries(args.flags);
  const on = await ask(args, around, () => control.setFault(controlUrl(url, around), name, wanted));
  around.out(`On: ${JSON.stringify(on)}. Off again: npm run zako -- clear ${name}`);
}

async function clear(args: Args, around: CommandContext): Promise<void> {
  only(args, ["control"], 1);
  const [name] = args.words;
  await ask(args, around, () => control.clearFaults(controlUrl(args.flags.get("control"), around), name));
  around.out(name === undefined ? "All faults are off." : `Fault ${name} is off.`);
}

async function state(args: Args, around: CommandContext): Promise<void> {
  only(args, ["control"], 0);
  const said = await ask(args, around, () => control.state(controlUrl(args.flags.get("control"), around)));
  around.out(JSON.stringify(said, null, 2));
}

function listing(): string[] {
  return catalogue().flatMap(({ name, doc, params, methods, protocols, http }) => {
    const flags = Object.entries(params).map(([key, param]) => {
      const choice = "oneOf" in param && param.oneOf !== undefined ? `; one of ${param.oneOf.join(", ")}` : "";
      return `    --${key} (${JSON.stringify(param.default)})  ${param.doc}${choice}`;
    });
    const where = [
      ...(methods.length < methodNames.length ? [methods.join(", ")] : []),
      ...(protocols.length < shapes.length ? [protocols.join(", ")] : []),
      ...(http.length < 2 ? [`HTTP/${http[0]}`] : []),
    ];
    return [name, `    ${doc}${where.length > 0 ? ` Only ${where.join("; ")}.` : ""}`, ...flags];
  });
}

/** Says in plain words when nobody listens; the control API's own refusals are plain already. */
async function ask<T>(args: Args, around: CommandContext, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const url = controlUrl(args.flags.get("control"), around);
    throw new Error(
      `No reference Zako answers at ${url}. Start one with \`npm start\` or \`npm run zako -- serve\`, or name another with --control URL.`,
    );
  }
}

function controlUrl(flag: string | undefined, around: CommandContext): string {
  const url = flag ?? around.control ?? runningControl(around);
  if (!URL.canParse(url)) {
    throw new UsageError(
      `The control URL is \`${url}\`; it must be one such as http://127.0.0.1:${defaultControlPort}.`,
    );
  }
  return url;
}

/** The control API of this checkout's only local run, or the usual one where none runs. */
function runningControl({ running }: CommandContext): string {
  const [first, ...others] = running();
  if (first === undefined) return `http://127.0.0.1:${defaultControlPort}`;
  if (others.length === 0) return first.zakoControlUrl;
  const choices = [first, ...others].map(
    ({ port, zakoControlUrl }) => `--control ${zakoControlUrl} (prober on port ${port})`,
  );
  throw new UsageError(`Several local runs have a Zako. Choose one: ${choices.join(", ")}.`);
}

interface Args {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/** `--key value` and `--key=value`; every flag but `--list` has a value. */
function readArgs(argv: readonly string[]): Args {
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at] ?? "";
    if (!arg.startsWith("--")) {
      words.push(arg);
      continue;
    }
    const [key = "", inline] = arg.slice(2).split(/=(.*)/s, 2);
    const value = key === "list" ? "" : (inline ?? argv[++at]);
    if (value === undefined) throw new UsageError(`--${key} needs a value, such as --${key} 1.`);
    flags.set(key, value);
  }
  return { words, flags };
}

function only({ words, flags }: Args, known: readonly string[], maxWords: number): void {
  for (const key of flags.keys()) {
    if (!known.includes(key))
      throw new UsageError(
        unknown(
          "flag",
          `--${key}`,
          known.map((name) => `--${name}`),
        ),
      );
  }
  const extra = words[maxWords];
  if (extra !== undefined) throw new UsageError(`\`${extra}\` is one word too many.\n\n${usage}`);
}

/** A Zako that breaks on demand is for this machine alone. */
function readHost({ flags }: Args): string | undefined {
  const host = flags.get("host");
  if (host === undefined || (isIPv4(host) && host.startsWith("127."))) return host;
  throw new UsageError(`--host is \`${host}\`; it must be a loopback address such as 127.0.0.11.`);
}

function readPort({ flags }: Args, key: string, otherwise: number): number {
  const text = flags.get(key);
  if (text === undefined) return otherwise;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--${key} is \`${text}\`; it must be a port, 0 to 65535 (0 takes a free one).`);
}

/** Services that an unmodified Zako lacks, so that a local one can lack them too. */
const optionalServices = ["health", "diagnostics"];

function readServices({ flags }: Args): string[] {
  const names = flags.get("without")?.split(",") ?? [];
  for (const name of names) {
    if (!optionalServices.includes(name)) throw new UsageError(unknown("optional service", name, optionalServices));
  }
  return names;
}

function unknown(what: string, given: string, known: readonly string[]): string {
  const guess = nearest(given, known);
  const hint = guess === undefined ? "" : ` Did you mean \`${guess}\`?`;
  return `There is no ${what} \`${given}\`.${hint} There are: ${known.join(", ")}.`;
}
