import { expect, it } from "vitest";
import { hintFor } from "../../../../functions/cli/deploy/deploy-failure.ts";

/** What wrangler 4.156.2 and Cloudflare's API say, and a word of what to do about it. */
const SAID: readonly [string, string | undefined][] = [
  [
    "In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable for wrangler to work.",
    "npx wrangler login",
  ],
  ["A request to the Cloudflare API failed. Authentication error [code: 10000]", "npx wrangler login"],
  ["More than one account available but unable to select one in non-interactive mode.", "CLOUDFLARE_ACCOUNT_ID"],
  ["You need to register a workers.dev subdomain before publishing to workers.dev", "Open Workers & Pages"],
  ["CPU limits are not supported for the Free plan. [code: 100328]", "limits.cpu_ms"],
  ["The following required secrets have not been set: ADMIN_TOKEN", "--secrets-file"],
  ["A namespace with this account ID and title already exists. [code: 10014]", "kv namespace list"],
  ["A database with that name already exists", "d1 list"],
  ["You have reached the maximum number of D1 databases for your account.", "another D1 database"],
  ["fetch failed", "cannot be reached"],
  ["Something new", undefined],
];

it.each(SAID)("%s", (said, word) => {
  if (word === undefined) expect(hintFor(said)).toBeUndefined();
  else expect(hintFor(said)).toContain(word);
});
