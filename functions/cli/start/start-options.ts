import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { portIsFree } from "./port.ts";

const HELP = `npm start                      a reference Zako and a prober that watches it
npm start -- --config FILE     the prober alone, with the targets of FILE
  --worker FILE                another Worker beside it, by its wrangler.toml, for targets with \`via\`
  PORT=8787                    where the prober listens
  --verbose                    everything that wrangler prints`;

/** What `npm start` is asked for. */
export interface StartOptions {
  /** Watched instead of a Zako of this run's own. */
  config: string | undefined;
  verbose: boolean;
  port: number;
  /** Paths of the wrangler.toml of Workers that run beside the prober, for its service bindings. */
  workers: readonly string[];
}

/** Reads the command line and `PORT`. A number: the exit code, after what is wrong was said. */
export async function readStartOptions(): Promise<StartOptions | number> {
  const values = readOptions();
  if (typeof values === "string") {
    console.error(`${values}\n\n${HELP}`);
    return 2;
  }
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const workers = values.worker ?? [];
  const missing = workers.find((file) => !existsSync(file));
  if (missing !== undefined) {
    console.error(`Cannot start ${missing}: file not found. Give the path of the Worker's wrangler.toml.`);
    return 2;
  }
  const port = Number(process.env["PORT"] ?? "8787");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    console.error(`Cannot listen on PORT=${process.env["PORT"]}: it must be a number from 1 to 65535.`);
    return 2;
  }
  if (!(await portIsFree(port))) {
    console.error(
      `Cannot listen on port ${port}: it is in use. Stop the other process, or choose another port: PORT=8788 npm start`,
    );
    return 1;
  }
  return { config: values.config, verbose: values.verbose === true, port, workers };
}

interface Given {
  config?: string;
  verbose?: boolean;
  worker?: string[];
  help?: boolean;
}

/** The command line's options, or what is wrong with them. */
function readOptions(): Given | string {
  const options = {
    config: { type: "string" },
    worker: { type: "string", multiple: true },
    verbose: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
