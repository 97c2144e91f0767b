import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";

/** A binding as a Worker is uploaded with it. */
export interface UploadedBinding {
  name: string;
  type: string;
  id?: string;
  namespace_id?: string;
}

/** A Worker as the account has it. */
export interface StoredScript {
  bindings: UploadedBinding[];
  migrationTag: string | undefined;
  secrets: Set<string>;
  crons: string[];
  uploads: number;
}

/** An account of Cloudflare on loopback, as far as wrangler's deploy, d1, kv and secret commands ask for it. */
export interface CloudflareApi {
  /** Of `CLOUDFLARE_API_BASE_URL`. */
  url: string;
  /** Method and path of each request, below the account. */
  requests: string[];
  scripts: Map<string, StoredScript>;
  databases: Map<string, { name: string; sqlite: DatabaseSync }>;
  namespaces: Map<string, { title: string; values: Map<string, string> }>;
  /** What every request below a path is answered with instead: a code of the API and its words. */
  broken: { path: RegExp; code: number; message: string } | undefined;
  close(): Promise<void>;
}

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Buffer;
  contentType: string;
}

/** What is answered; a string is sent as it stands. */
type Answered = { result: unknown } | { text: string } | { status: number; code: number; message: string };

const notFound = (code: number, message: string): Answered => ({ status: 404, code, message });

/** Starts one. Any token is taken. */
export async function startCloudflare(): Promise<CloudflareApi> {
  const api: CloudflareApi = {
    url: "",
    requests: [],
    scripts: new Map(),
    databases: new Map(),
    namespaces: new Map(),
    broken: undefined,
    close: async () => {},
  };
  const server = createServer((request, response) => {
    void read(request)
      .then(async (asked) => {
        api.requests.push(`${asked.method} ${asked.path}`);
        const { broken } = api;
        const answered =
          broken?.path.test(`${asked.method} ${asked.path}`) === true
            ? { status: 400, code: broken.code, message: broken.message }
            : await answer(api, asked);
        if ("text" in answered) return response.end(answered.text);
        const isError = "code" in answered;
        response.writeHead(isError ? answered.status : 200, { "content-type": "application/json" });
        const errors = isError ? [{ code: answered.code, message: answered.message }] : [];
        const result = isError ? null : answered.result;
        return response.end(JSON.stringify({ success: !isError, errors, messages: [], result }));
      })
      .catch((error: unknown) => {
        response.writeHead(500);
        response.end(String(error));
      });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`;
  api.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return api;
}

async function read(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const url = new URL(request.url ?? "/", "http://loopback");
  return {
    method: request.method ?? "GET",
    path: url.pathname.replace(/^\/client\/v4\/accounts\/[^/]+/, ""),
    query: url.searchParams,
    body: Buffer.concat(parts),
    contentType: request.headers["content-type"] ?? "",
  };
}

async function answer(api: CloudflareApi, asked: Asked): Promise<Answered> {
  const { path, method } = asked;
  const script = /^\/workers\/(?:scripts|services)\/([^/]+)(\/.*)?$/.exec(path);
  if (script !== null) return answerScript(api, asked, script[1] ?? "", script[2] ?? "");
  if (path.startsWith("/d1/database")) return answerD1(api, asked);
  if (path.startsWith("/storage/kv/namespaces")) return answerKv(api, asked);
  const worker = /^\/workers\/workers\/([^/]+)$/.exec(path)?.[1];
  if (worker !== undefined)
    return { result: { id: worker, name: worker, subdomain: { enabled: true, previews_enabled: false }, tags: [] } };
  if (path === "/workers/subdomain") return { result: { subdomain: "example-account" } };
  return method === "GET" ? { result: [] } : { result: {} };
}

async function answerScript(api: CloudflareApi, asked: Asked, name: string, rest: string): Promise<Answered> {
  const { method, path } = asked;
  const known = api.scripts.get(name);
  if (method === "PUT" && rest === "") return upload(api, name, await metadataOf(asked));
  if (method === "POST" && rest === "/versions") return upload(api, name, await metadataOf(asked));
  if (rest === "/schedules" && method === "PUT" && known !== undefined) {
    known.crons = (JSON.parse(asked.body.toString()) as { cron: string }[]).map(({ cron }) => cron);
    return { result: { schedules: known.crons } };
  }
  if (rest === "/subdomain") return { result: { enabled: true, previews_enabled: false } };
  if (known === undefined) return notFound(10007, "This Worker does not exist on your account.");
  if (rest === "/secrets" && method === "GET")
    return { result: [...known.secrets].map((secret) => ({ name: secret, type: "secret_text" })) };
  if (rest === "/secrets" && method === "PUT") {
    known.secrets.add((JSON.parse(asked.body.toString()) as { name: string }).name);
    return { result: {} };
  }
  if (rest === "/settings") return { result: { bindings: known.bindings } };
  if (rest === "/deployments")
    return {
      result: { deployments: [{ id: "d", source: "wrangler", versions: [{ version_id: "v", percentage: 100 }] }] },
    };
  if (rest === "" && path.includes("/services/")) {
    const own = { id: name, tag: "tag", migration_tag: known.migrationTag, last_deployed_from: "wrangler", tags: [] };
    return { result: { id: name, default_environment: { environment: "production", script: own } } };
  }
  return { result: {} };
}

interface Metadata {
  bindings: UploadedBinding[];
  migrations?: { new_tag: string };
}

async function metadataOf({ body, contentType }: Asked): Promise<Metadata> {
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
  return JSON.parse(String(form.get("metadata"))) as Metadata;
}

function upload(api: CloudflareApi, name: string, { bindings, migrations }: Metadata): Answered {
  const before = api.scripts.get(name);
  const stored: UploadedBinding[] = [];
  const secrets = new Set(before?.secrets);
  for (const binding of bindings) {
    if (binding.type === "secret_text") secrets.add(binding.name);
    else if (binding.type === "inherit") {
      const former = before?.bindings.find((one) => one.name === binding.name);
      if (former === undefined)
        return { status: 400, code: 10056, message: `binding ${binding.name} cannot be inherited` };
      stored.push(former);
    } else if (binding.type === "d1" && !api.databases.has(binding.id ?? ""))
      return {
        status: 400,
        code: 10021,
        message: `binding ${binding.name} of type d1 must have a valid \`id\` specified`,
      };
    else if (binding.type === "kv_namespace" && !api.namespaces.has(binding.namespace_id ?? ""))
      return { status: 400, code: 10041, message: `KV namespace ${binding.namespace_id} is not valid` };
    else stored.push(binding);
  }
  const migrationTag = migrations?.new_tag ?? before?.migrationTag;
  const uploads = (before?.uploads ?? 0) + 1;
  api.scripts.set(name, { bindings: stored, migrationTag, secrets, crons: before?.crons ?? [], uploads });
  const script = { etag: "etag" };
  return {
    result: { id: `version-${uploads}`, etag: "etag", startup_time_ms: 9, deployment_id: "d", resources: { script } },
  };
}

function answerD1(api: CloudflareApi, { method, path, body, query }: Asked): Answered {
  const [, , , key = "", action] = path.split("/");
  const shown = ([uuid, { name }]: [string, { name: string }]): unknown => ({ uuid, name, version: "production" });
  if (key === "" && method === "POST") {
    const { name } = JSON.parse(body.toString()) as { name: string };
    if ([...api.databases.values()].some((one) => one.name === name))
      return { status: 400, code: 7502, message: "A database with that name already exists" };
    const uuid = `00000000-0000-4000-8000-${String(api.databases.size + 1).padStart(12, "0")}`;
    api.databases.set(uuid, { name, sqlite: new DatabaseSync(":memory:") });
    return { result: { uuid, name } };
  }
  if (key === "") return { result: query.get("page") === "1" ? [...api.databases].map(shown) : [] };
  const found = [...api.databases].find(([uuid, { name }]) => uuid === key || name === decodeURIComponent(key));
  if (found === undefined) return notFound(7404, `The database ${key} could not be found`);
  if (action === undefined) return { result: shown(found) };
  const { sql, params = [] } = JSON.parse(body.toString()) as { sql: string; params?: string[] };
  return { result: [execute(found[1].sqlite, sql, params)] };
}

function execute(sqlite: DatabaseSync, sql: string, params: readonly string[]): unknown {
  const isQuery = /^\s*(select|pragma|with)/i.test(sql) && !/;\s*\S/.test(sql);
  const results = isQuery ? sqlite.prepare(sql).all(...params) : [];
  if (!isQuery && params.length > 0) sqlite.prepare(sql).run(...params);
  else if (!isQuery) sqlite.exec(sql);
  return { results, success: true, meta: { duration: 0, rows_read: 0, rows_written: 0, served_by: "loopback" } };
}

function answerKv(api: CloudflareApi, { method, path, body }: Asked): Answered {
  const [, , , , id = "", part, key = ""] = path.split("/");
  if (id === "" && method === "POST") {
    const { title } = JSON.parse(body.toString()) as { title: string };
    const made = `kv${api.namespaces.size + 1}`.padEnd(32, "0");
    api.namespaces.set(made, { title, values: new Map() });
    return { result: { id: made, title } };
  }
  if (id === "") return { result: [...api.namespaces].map(([one, { title }]) => ({ id: one, title })) };
  const values = api.namespaces.get(id)?.values;
  if (values === undefined || part !== "values") return notFound(10013, "namespace not found");
  if (method === "PUT") {
    values.set(decodeURIComponent(key), body.toString());
    return { result: {} };
  }
  const value = values.get(decodeURIComponent(key));
  return value === undefined ? notFound(10009, "get: 'key not found'") : { text: value };
}
