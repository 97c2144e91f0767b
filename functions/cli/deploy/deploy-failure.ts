/** What wrangler says, and what a person does about it. */
const HINTS: readonly [RegExp, string][] = [
  [
    /CLOUDFLARE_API_TOKEN|not logged in|Not authenticated|Authentication error|code: 10000/i,
    "Log in with `npx wrangler login`, or set CLOUDFLARE_API_TOKEN (template `Edit Cloudflare Workers`, with D1 edit added).",
  ],
  [
    /More than one account available/i,
    "Select the account: set CLOUDFLARE_ACCOUNT_ID to its id (`npx wrangler whoami` lists them).",
  ],
  [
    /register a workers\.dev subdomain/i,
    "Open Workers & Pages in the dashboard once: it gives the account its workers.dev subdomain. Or give the Worker a domain of your own (docs/protecting.md).",
  ],
  [
    /100328|CPU limits? (is|are) not supported/i,
    "The free plan takes no `limits.cpu_ms`: remove it from wrangler.toml.",
  ],
  [
    /required secret|secrets\.required|secrets-file/i,
    "A first deployment has no secrets yet: remove `secrets.required` from wrangler.toml, or give a file of them with --secrets-file.",
  ],
  [
    /namespace with this (account ID and )?title already exists|code: 10014/i,
    "A KV namespace of that name is left from an earlier Worker: put its id into wrangler.toml (`npx wrangler kv namespace list`), or delete it.",
  ],
  [
    /database with that name already exists|code: 7502/i,
    "A D1 database of that name exists in the account and cannot be bound: check `npx wrangler d1 list`.",
  ],
  [
    /maximum number of D1 databases/i,
    "The plan has no room for another D1 database: delete one, or put the id of one that you have into wrangler.toml.",
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|fetch failed/i,
    "Cloudflare's API cannot be reached from here: check the network, a proxy and CLOUDFLARE_API_BASE_URL.",
  ],
];

/** What to do about a command of wrangler that failed, where its words are known. Pure. */
export const hintFor = (said: string): string | undefined => HINTS.find(([pattern]) => pattern.test(said))?.[1];
