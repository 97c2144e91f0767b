import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "../child.ts";
import { type CloudflareApi, startCloudflare } from "../cloudflare-api.ts";
import type { Context, Story } from "../story.ts";

const TOKEN = "token-of-the-account";
const CONFIG = `targets:
  - name: cas-eu
    cas: https://cas.zako-fleet.dev
    auth: { header: authorization, scheme: Bearer, secret: ZAKO_TOKEN }
`;

/** Somebody deploys from nothing, upgrades, pushes a configuration and sets up staging; the account is one on loopback. */
export const deploy: Story = {
  name: "deploy",
  async run(ctx) {
    const api = await startCloudflare();
    ctx.defer(() => api.close());
    const person = personOf(ctx);

    const rehearsed = await person.run(["deploy", "--", "--dry-run"], {
      CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:9",
    });
    ctx.check(
      "a dry run needs no account and no network",
      rehearsed.code === 0 && ["1. ", "2. ", "3. ", "4. ", "5. "].every((step) => rehearsed.said.includes(`\n${step}`)),
      rehearsed.code === 0 ? "" : rehearsed.said,
    );
    const examples = await person.run(["deploy"], accountOf(api));
    ctx.check(
      "targets of the examples are not deployed",
      examples.code === 1 && examples.said.includes("give your own") && api.requests.length === 0,
      examples.said,
    );

    writeFileSync(join(person.project, "watch.yaml"), CONFIG);
    const before = readFileSync(join(person.project, "wrangler.toml"), "utf8");
    const first = await person.run(["deploy"], accountOf(api));
    const worker = api.scripts.get("zako-watch");
    ctx.check("the first deployment works", first.code === 0, first.code === 0 ? "" : first.said);
    ctx.check(
      "it makes the database and the namespace, and leaves wrangler.toml alone",
      [...api.databases.values()].map(({ name }) => name).join() === "zako-watch" &&
        [...api.namespaces.values()].map(({ title }) => title).join() === "zako-watch-kv" &&
        readFileSync(join(person.project, "wrangler.toml"), "utf8") === before,
      api.requests.length,
    );
    ctx.check("its tables exist", tablesOf(api, "zako-watch").includes("history"), tablesOf(api, "zako-watch").join());
    ctx.check("the cron is set", worker?.crons.join() === "* * * * *", worker?.crons);
    ctx.check(
      "it says which secrets are missing, how to set them, and where it answers",
      ["METRICS_TOKEN", "ADMIN_TOKEN", "ZAKO_TOKEN"].every((name) =>
        first.said.includes(`npx wrangler secret put ${name}`),
      ) && first.said.includes("https://zako-watch.example-account.workers.dev/healthz"),
      first.said.split("\n").slice(-14).join("\n"),
    );

    await changeThings(ctx, api, person);
    ctx.check("no token is printed", !person.printed().includes(TOKEN), person.printed().length);
  },
};

/** Upgrade, push, staging, and what goes wrong. */
async function changeThings(ctx: Context, api: CloudflareApi, person: Person): Promise<void> {
  const worker = api.scripts.get("zako-watch");
  for (const name of ["METRICS_TOKEN", "ADMIN_TOKEN", "ZAKO_TOKEN"]) worker?.secrets.add(name);
  const upgraded = await person.run(["deploy"], accountOf(api));
  const now = api.scripts.get("zako-watch");
  ctx.check(
    "an upgrade keeps database, namespace and secrets",
    upgraded.code === 0 && now?.uploads === 2 && api.databases.size === 1 && api.namespaces.size === 1,
    upgraded.code === 0 ? "" : upgraded.said,
  );
  ctx.check(
    "it has nothing to apply and misses no secret",
    upgraded.said.includes("up to date") && upgraded.said.includes("none is missing"),
    upgraded.said.split("\n").slice(-9).join("\n"),
  );

  writeFileSync(join(person.project, "pushed.yaml"), CONFIG.replace("cas-eu", "cas-pushed"));
  const pushed = await person.run(["cli", "--", "config", "push", "pushed.yaml", "--remote"], accountOf(api));
  const values = [...api.namespaces.values()].flatMap((one) => [...one.values.values()]);
  ctx.check(
    "config push finds the namespace without an id",
    pushed.code === 0 && values.some((text) => text.includes("cas-pushed")),
    pushed.said,
  );

  const staged = await person.run(["deploy", "--", "--env", "staging"], accountOf(api));
  const staging = api.scripts.get("zako-watch-staging");
  ctx.check(
    "staging is a Worker of its own, with its own database, namespace and secrets",
    staged.code === 0 && staging?.secrets.size === 0 && api.databases.size === 2 && api.namespaces.size === 2,
    staged.code === 0 ? "" : staged.said,
  );
  const bindings = (name: string): string =>
    JSON.stringify(
      api.scripts
        .get(name)
        ?.bindings.map((one) => one.name)
        .sort(),
    );
  ctx.check(
    "it has all bindings, tables and the cron",
    bindings("zako-watch") === bindings("zako-watch-staging") &&
      tablesOf(api, "zako-watch-staging").includes("history") &&
      staging?.crons.length === 1,
    bindings("zako-watch-staging"),
  );
  ctx.check(
    "the commands that it prints name the environment",
    staged.said.includes("npx wrangler secret put ADMIN_TOKEN --env staging") && now?.uploads === 2,
    now?.uploads,
  );

  api.broken = {
    path: /^POST \/workers\/scripts\/zako-watch\/versions/,
    code: 100328,
    message: "CPU limits are not supported",
  };
  const refused = await person.run(["deploy"], accountOf(api));
  ctx.check(
    "a plan that takes no CPU limit is answered with what to do",
    refused.code === 1 && refused.said.includes("remove it from wrangler.toml"),
    refused.said.split("\n").slice(-3).join("\n"),
  );
  api.broken = { path: /^POST \/d1\/.*\/query/, code: 7500, message: "D1 is overloaded" };
  const unmigrated = await person.run(["deploy"], accountOf(api));
  ctx.check(
    "migrations that fail are said, and the rest is done",
    unmigrated.code === 1 &&
      unmigrated.said.includes("keep history for up to 48 hours") &&
      unmigrated.said.includes("5. URLs"),
    unmigrated.said.split("\n").slice(-12).join("\n"),
  );
}

/** Somebody with a copy of the project and an empty home. */
interface Person {
  project: string;
  run(words: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }>;
  /** All that was ever printed. */
  printed(): string;
}

function personOf(ctx: Context): Person {
  const project = ctx.project();
  const home = join(ctx.scratch, "home");
  mkdirSync(home);
  const printed: string[] = [];
  return {
    project,
    printed: () => printed.join("\n"),
    run: async (words, env) => {
      const own = { HOME: home, CLOUDFLARE_ENV: "", CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_ACCOUNT_ID: "", ...env };
      const child = startChild("npm", ["run", "-s", ...words], project, own);
      ctx.defer(() => child.signalGroup("SIGKILL"));
      const { code } = await child.ended;
      printed.push(...child.lines);
      return { code, said: `\n${child.lines.join("\n")}` };
    },
  };
}

const accountOf = (api: CloudflareApi): NodeJS.ProcessEnv => ({
  CLOUDFLARE_API_BASE_URL: api.url,
  CLOUDFLARE_API_TOKEN: TOKEN,
  CLOUDFLARE_ACCOUNT_ID: "account",
});

function tablesOf(api: CloudflareApi, database: string): string[] {
  const found = [...api.databases.values()].find(({ name }) => name === database);
  return (found?.sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() ?? []).map((row) =>
    String(row["name"]),
  );
}
