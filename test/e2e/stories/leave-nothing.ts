import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { startChild } from "../child.ts";
import { processesIn, signal } from "../processes.ts";
import { freePort } from "../product.ts";
import type { Context, Story } from "../story.ts";

/** How long it may take to end. */
const QUICKLY_MS = 5_000;

/** Somebody ends the product in every way there is, or starts it wrongly. */
export const leaveNothing: Story = {
  name: "leave-nothing",
  async run(ctx) {
    const project = ctx.project();
    await startWrongly(ctx, project);
    await endEarly(ctx, project);
    await end(ctx, project, "Ctrl-C", (pid) => signal(-pid, "SIGINT"));
    await end(ctx, project, "SIGTERM to npm alone", (pid) => signal(pid, "SIGTERM"));
    await end(ctx, project, "closing the terminal", (pid) => signal(-pid, "SIGHUP"));
  },
};

/** Ctrl-C before it is ready. */
async function endEarly(ctx: Context, project: string): Promise<void> {
  const child = startChild("npm", ["start"], project, { PORT: String(await freePort()) });
  ctx.defer(() => child.signalGroup("SIGKILL"));
  await child.line(/^Starting/);
  await ctx.until("the Worker's process", () =>
    processesIn(project).some((p) => p.command.includes("wrangler.js dev")),
  );
  const since = Date.now();
  child.signalGroup("SIGINT");
  await ctx.until("all processes are gone", () => processesIn(project).length === 0).catch(() => {});
  const left = processesIn(project).map((p) => p.command);
  const tookMs = Date.now() - since;
  const ok = left.length === 0 && tookMs < QUICKLY_MS;
  ctx.check("Ctrl-C while it starts leaves no process", ok, left.join("\n") || `${tookMs} ms`);
}

async function end(ctx: Context, project: string, how: string, kill: (pid: number) => void): Promise<void> {
  const product = await ctx.startProduct({ project });
  const before = processesIn(project).length;
  const since = Date.now();
  kill(product.child.pid);
  await ctx.until("all processes are gone", () => processesIn(project).length === 0, 15_000).catch(() => {});
  const tookMs = Date.now() - since;
  const left = processesIn(project);
  ctx.check(
    `${how} leaves no process`,
    left.length === 0,
    left.map((p) => p.command).join("\n") || `there were ${before}`,
  );
  ctx.check(`${how} ends it quickly`, tookMs < QUICKLY_MS, `${tookMs} ms`);
  const afterwards = product.lines.slice(product.lines.findIndex((line) => line.startsWith("Ready")));
  const errors = afterwards.filter(
    (line) => /error|exception|Traceback|at .*\.[jt]s:\d/i.test(line) && !/^npm /.test(line),
  );
  ctx.check(`${how} prints no error`, errors.length === 0, errors.join("\n"));
  for (const { pid } of left) signal(pid, "SIGKILL");
}

async function startWrongly(ctx: Context, project: string): Promise<void> {
  const attempt = async (
    what: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    says: RegExp,
  ): Promise<void> => {
    const child = startChild("npm", ["start", ...args], project, { PORT: "0", ...env });
    ctx.defer(() => child.signalGroup("SIGKILL"));
    const { code } = await child.ended;
    const said = child.lines.filter((line) => !/^(npm warn |> |$)/.test(line)).join("\n");
    const isRight = code !== 0 && says.test(said) && !/Starting|Ready/.test(said) && !/ at .*\.ts:\d/.test(said);
    ctx.check(`${what} is said clearly, and nothing is started`, isRight, `${said}\nexit code ${code}`);
  };
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const port = String((taken.address() as AddressInfo).port);
  await attempt("a busy port", [], { PORT: port }, /Cannot listen on port \d+.*PORT=/s);
  await new Promise((resolve) => taken.close(resolve));

  const free = { PORT: port };
  await attempt("a port that is none", [], { PORT: "http" }, /PORT=http/);
  await attempt("an unknown option", ["--", "--confg", "x"], free, /--confg/);
  await attempt(
    "a config file that is not there",
    ["--", "--config", "nowhere.yaml"],
    free,
    /nowhere\.yaml.*file not found/s,
  );
  const broken = join(ctx.scratch, "broken.yaml");
  writeFileSync(broken, "targets:\n  - name: a\n    cas: ftp://a.example\n    protocoll: grpc\n");
  await attempt(
    "a config with two errors",
    ["--", "--config", broken],
    free,
    /broken\.yaml:3:.*broken\.yaml:4:.*protocoll/s,
  );
}
