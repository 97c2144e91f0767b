import { stripVTControlCharacters } from "node:util";
import type { Bindings } from "../../config/targets/check-bindings.ts";
import type { Config } from "../../model/config.ts";
import { hintFor } from "./deploy-failure.ts";
import { formatMissing, formatUrls, urlsOf } from "./format-deploy.ts";
import type { Deployment } from "./read-deployment.ts";
import { type WantedSecret, wantedSecrets } from "./wanted-secrets.ts";
import type { RunWrangler, WranglerAnswer } from "./wrangler-run.ts";

/** What is deployed, and with what. */
export interface DeployPlan {
  deployment: Deployment;
  environment: string | undefined;
  config: Config;
  bindings: Bindings;
  /** Names of the files under schemas/migrations, in order. */
  migrations: readonly string[];
  /** A file of secrets that goes up with the Worker. */
  secretsFile: string | undefined;
  /** The names in it. */
  givenSecrets: readonly string[];
  wrangler: RunWrangler;
  print: (text: string) => void;
  complain: (text: string) => void;
}

const SECRETS_FILE = "--secrets-file";

const uploadCommand = ({ secretsFile }: DeployPlan): string[] => [
  "deploy",
  ...(secretsFile === undefined ? [] : [SECRETS_FILE, secretsFile]),
];
const MIGRATE = ["d1", "migrations", "apply", "DB", "--remote"];
const LIST_SECRETS = ["secret", "list", "--format", "json"];

/**
 * Uploads the Worker, brings the database up to date, and says what is missing. In this order, because the upload makes the
 * database. Crons that come between the two keep their history in the Monitors, for up to 48 hours. Answers with the exit code.
 */
export async function runDeploy(plan: DeployPlan): Promise<number> {
  const { deployment, wrangler, print, complain } = plan;
  const step = stepsOf(plan);
  const show = (text: string): void => {
    const lines = stripVTControlCharacters(text)
      .split("\n")
      .filter((line) => line.trim() !== "");
    if (lines.length > 0) print(lines.map((line) => `   | ${line.trimEnd()}`).join("\n"));
  };
  step(2, `Upload the Worker ${deployment.worker}`, uploadCommand(plan));
  const uploaded = await wrangler(uploadCommand(plan), show);
  if (uploaded.code !== 0) {
    complain(`The upload failed; nothing else was tried.${hint(uploaded)}`);
    return 1;
  }
  step(3, `Apply the migrations of the D1 database ${deployment.database}`, MIGRATE);
  const migrated = await wrangler(MIGRATE, () => {});
  if (migrated.code === 0) print(`   ${formatMigrated(migrated.said, plan.migrations)}`);
  else
    complain(
      `${migrated.said}\nThe migrations failed. The Worker runs, probes and notifies; its Monitors keep history for up to 48 hours. Repeat \`npm run deploy\` before that.${hint(migrated)}`,
    );
  step(4, "Compare the secrets", LIST_SECRETS);
  const isListed = await compareSecrets(plan);
  step(5, "URLs");
  print(formatUrls(urlsOf(uploaded.targets), plan.config));
  return migrated.code === 0 && isListed ? 0 : 1;
}

/** Says what `runDeploy` would do, and builds the Worker to see that it can be built. Needs neither account nor network. */
export async function rehearseDeploy(plan: DeployPlan, folder: string): Promise<number> {
  const { deployment, wrangler, print, complain, config, bindings } = plan;
  const step = stepsOf(plan);
  step(2, `Upload the Worker ${deployment.worker}`, uploadCommand(plan));
  const built = await wrangler([...uploadCommand(plan), "--dry-run", "--outdir", folder], () => {});
  if (built.code !== 0) {
    complain(failed("The Worker cannot be built.", built));
    return 1;
  }
  const size = /Total Upload: .*/.exec(built.said)?.[0];
  const { database, databaseId, namespace, namespaceId, crons } = deployment;
  const made = (id: string | undefined): string => (id === undefined ? "made if it does not exist" : `id ${id}`);
  for (const line of [
    `built, and not uploaded${size === undefined ? "" : ` (${size})`}`,
    `D1 database ${database}: ${made(databaseId)}`,
    `KV namespace ${namespace}: ${made(namespaceId)}`,
    "Durable Objects Monitor, RegionProber and Alerter: made if they do not exist; their state stays",
    `cron ${crons.map((cron) => `"${cron}"`).join(", ")}: set`,
  ])
    print(`   ${line}`);
  step(3, `Apply the migrations of the D1 database ${database}`, MIGRATE);
  print(`   ${plan.migrations.join(", ")}: those that the database does not have yet`);
  step(4, "Compare the secrets", LIST_SECRETS);
  const wanted = wantedSecrets(config, bindings).filter(({ name }) => !plan.givenSecrets.includes(name));
  if (plan.givenSecrets.length > 0) print(`   ${plan.givenSecrets.join(", ")}: set by ${plan.secretsFile}`);
  print(wanted.length === 0 ? "   the configuration uses no others" : formatMissing(wanted, plan.environment, "uses"));
  step(5, "URLs");
  const [first] = deployment.routes;
  const host = first?.split("/")[0] ?? `${deployment.worker}.YOUR-SUBDOMAIN.workers.dev`;
  print(formatUrls([`https://${host}`], config));
  print("Dry run: nothing was uploaded or changed, and nobody was asked.");
  return 0;
}

function stepsOf({ print, environment }: DeployPlan): (number: number, what: string, command?: string[]) => void {
  const env = environment === undefined ? "" : ` --env ${environment}`;
  return (number, what, command) =>
    print(`${number}. ${what}${command === undefined ? "" : ` (wrangler ${command.join(" ")}${env})`}`);
}

async function compareSecrets(plan: DeployPlan): Promise<boolean> {
  const { wrangler, print, complain, config, bindings, environment } = plan;
  const answer = await wrangler(LIST_SECRETS, () => {});
  const names = answer.code === 0 ? secretNamesIn(answer.out) : undefined;
  if (names === undefined) {
    complain(failed("The secrets cannot be listed, so nobody knows which are missing.", answer));
    return false;
  }
  const missing: WantedSecret[] = wantedSecrets(config, bindings).filter(({ name }) => !names.includes(name));
  print(missing.length === 0 ? "   none is missing" : formatMissing(missing, environment, "misses"));
  return true;
}

/** Which migrations wrangler has applied: it prints a table of all that were pending, again after each. */
function formatMigrated(said: string, migrations: readonly string[]): string {
  const applied = migrations.filter((name) =>
    said.split("\n").some((line) => line.includes(name) && line.includes("✅")),
  );
  return applied.length === 0 ? "the database is up to date" : `applied ${applied.join(", ")}`;
}

/** The names in what `wrangler secret list` prints; undefined where it is something else. */
function secretNamesIn(out: string): string[] | undefined {
  const start = out.indexOf("[");
  try {
    const list = JSON.parse(out.slice(Math.max(0, start))) as { name: string }[];
    return list.map(({ name }) => name);
  } catch {
    return undefined;
  }
}

/** What is said of a command whose output was not shown. */
const failed = (what: string, answer: WranglerAnswer): string => `${answer.said}\n${what}${hint(answer)}`;

function hint({ said }: WranglerAnswer): string {
  const found = hintFor(said);
  return found === undefined ? "" : ` ${found}`;
}
