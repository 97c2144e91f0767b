import { ALERTER_NAME } from "../../../../functions/model/alerting/alerter-state.ts";
import { monitorName } from "../../../../functions/monitor/schedule/shard.ts";
import deployed from "../../../../functions/worker.ts";
import type { Act, SetUp, Step, Stepped } from "../step.ts";
import { Network } from "./network.ts";
import { type Alerter, database, EVICTED, type Monitor } from "./objects.ts";
import { SimulatedTime } from "./time.ts";

export { RegionProber } from "../../../../functions/probe/region.ts";
export { Alerter, Monitor } from "./objects.ts";

/** Bindings of the product, whose objects are steered. */
interface SteeredEnv extends Omit<Env, "MONITOR" | "ALERTER"> {
  MONITOR: DurableObjectNamespace<Monitor>;
  ALERTER: DurableObjectNamespace<Alerter>;
}

/** So long nothing has moved before what hangs is taken to hang, real ms. */
const HANGS_AFTER_MS = 200;
/** Whatever takes longer than this is a bug of the product or of this world, real ms. */
const STUCK_AFTER_MS = 30_000;
const LOOK_MS = 3;
const UNANSWERED = "a Durable Object gave no answer";

const time = new SimulatedTime();
let movedAt = 0;
const network = new Network(() => {
  movedAt = time.real();
});
const running = new Set<number>();
const ended: Stepped["ended"][number][] = [];
const errors: string[] = [];
let ticks = 0;

time.install();
network.install();
console.log = (line: unknown) => note(String(line));
console.error = (line: unknown) => errors.push(String(line));

/** Takes what the product logs. */
function note(line: string): void {
  const event = JSON.parse(line) as { event: string; place?: string; error?: string; attempt?: number };
  if (event.event === "tick" && event.attempt === 0) ticks++;
  if (event.event === "error" && event.error?.includes(EVICTED) !== true) errors.push(`${event.place}: ${event.error}`);
}

const monitorOf = ({ MONITOR }: SteeredEnv) => MONITOR.getByName(monitorName(0));
const alerterOf = ({ ALERTER }: SteeredEnv) => ALERTER.getByName(ALERTER_NAME);

/** Does what the script, or the platform by it, does to the product. */
async function carryOut(act: Act, env: SteeredEnv): Promise<void> {
  switch (act.kind) {
    case "cron": {
      const controller = { scheduledTime: act.time, cron: "* * * * *", noRetry: () => {} };
      return deployed.scheduled(controller as ScheduledController, env as unknown as Env);
    }
    case "alarm":
      return act.object === "monitor" ? monitorOf(env).runAlarm() : alerterOf(env).runAlarm();
    case "evict":
      await Promise.allSettled([monitorOf(env).evict(), alerterOf(env).evict()]);
      time.forget();
      network.forget();
      return;
    case "silence":
      return alerterOf(env).putSilence(act.silence);
    case "acknowledge":
      await alerterOf(env).acknowledge(act.ref, "ann", "on it");
  }
}

/** Begins a step's act, and returns when nothing more happens before the clock moves. */
async function step(
  { id, now, hanging, isDatabaseDown, act }: Step,
  env: SteeredEnv,
  ctx: ExecutionContext,
): Promise<Stepped> {
  time.now = now;
  database.isDown = isDatabaseDown;
  movedAt = time.real();
  if (act !== undefined) {
    running.add(id);
    const done = carryOut(act, env)
      .then(
        () => ended.push({ id }),
        (error: unknown) => ended.push({ id, error: String(error) }),
      )
      .finally(() => {
        running.delete(id);
        movedAt = time.real();
      });
    ctx.waitUntil(done);
    await Promise.race([done, time.wait(LOOK_MS)]);
  }
  const begunAt = time.real();
  while (!isSettled(hanging)) {
    if (time.real() - begunAt > STUCK_AFTER_MS) throw new Error(`The step at ${new Date(now).toISOString()} is stuck.`);
    await time.wait(LOOK_MS);
  }
  if (running.size === 0 && time.dueAt !== undefined) errors.push("a deadline outlives its work");
  const [monitor, alerter] = await Promise.all([monitorOf(env).alarmAt(), alerterOf(env).alarmAt()]);
  const { dueAt } = time;
  const stepped = {
    alarms: { monitor, alerter },
    ...(dueAt === undefined ? {} : { deadlineAt: dueAt }),
    ended: ended.splice(0),
    // Whoever waited for an object that is evicted says so.
    errors: errors.splice(0).filter((error) => act?.kind !== "evict" || !error.includes(UNANSWERED)),
    ticks,
  };
  ticks = 0;
  return stepped;
}

function isSettled(hanging: readonly string[]): boolean {
  if (time.dueAt !== undefined && time.dueAt <= time.now) return false;
  if (running.size === 0) return true;
  return network.waitsOnlyFor(hanging) && time.real() - movedAt >= HANGS_AFTER_MS;
}

async function setUp({ origins, migrations }: SetUp, env: SteeredEnv): Promise<void> {
  network.origins = origins;
  for (const sql of migrations) await env.DB.prepare(sql).run();
}

export default {
  async fetch(request, env, ctx) {
    try {
      switch (new URL(request.url).pathname) {
        case "/set-up":
          await setUp(await request.json(), env);
          return Response.json({});
        case "/step":
          return Response.json(await step(await request.json(), env, ctx));
        case "/incidents":
          return Response.json((await env.DB.prepare("SELECT target, opened_ms, closed FROM incident").all()).results);
        default:
          return new Response("there is no such path", { status: 404 });
      }
    } catch (error) {
      return new Response(error instanceof Error ? (error.stack ?? error.message) : String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<SteeredEnv>;
