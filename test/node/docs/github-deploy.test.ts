import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";

interface Job {
  needs?: string;
  environment?: string;
  env?: Record<string, string>;
  steps: { run?: string }[];
}

const { jobs } = parse(readFileSync("docs/github-deploy.yml", "utf8")) as { jobs: Record<string, Job> };
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const runsOf = (job: Job | undefined): string[] => (job?.steps ?? []).flatMap(({ run }) => run ?? []);

it("only runs scripts that exist, and installs before", () => {
  for (const job of Object.values(jobs)) {
    const [first, ...others] = runsOf(job);
    expect(first).toBe("npm ci");
    for (const run of others) expect(scripts).toHaveProperty(/^npm run (\S+)/.exec(run)?.[1] ?? run);
  }
});

it("deploys to staging before production, and only with the account's token", () => {
  expect(jobs["production"]).toMatchObject({ needs: "staging", environment: "production" });
  expect(jobs["staging"]).toMatchObject({ needs: "check", environment: "staging" });
  expect(runsOf(jobs["staging"]).at(-1)).toBe("npm run deploy -- --env staging");
  expect(runsOf(jobs["production"]).at(-1)).toBe("npm run deploy");
  for (const job of [jobs["staging"], jobs["production"]])
    expect(Object.keys(job?.env ?? {})).toEqual(["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"]);
  // A pull request has no secrets.
  expect(jobs["check"]?.env).toBeUndefined();
});
