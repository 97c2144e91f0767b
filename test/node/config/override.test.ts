import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileConfig } from "../../../functions/config/compile.ts";
import {
  judgeOverride,
  LONGEST_OVERRIDE,
  type Override,
  PINNED_KEYS,
  parseOverride,
  printOverride,
} from "../../../functions/config/override.ts";
import type { Config } from "../../../functions/model/config.ts";
import { SAMPLE_KINDS } from "./sample-kinds.ts";

const CAS = "https://cas.eu.example";
const BLOBS = "https://blobs.eu.example";
const GUARDED = {
  name: "guarded",
  cas: CAS,
  transport: BLOBS,
  auth: { header: "x-secret", secret: "ZAKO_TOKEN" },
  transport_headers: [{ header: "x-secret", secret: "ZAKO_TOKEN" }],
  transport_auth: { header: "authorization" },
};
const OPEN = { name: "open", cas: "https://cas.us.example" };
const UNKNOWN_START = { receivers: { oncall: [{ slack: { webhook_url: "SLACK_WEBHOOK" } }] } };
const DEPLOYED = {
  installation: "main",
  targets: [GUARDED, OPEN],
  families: [{ name: "builds_total", type: "counter" }],
  notify: UNKNOWN_START,
};

const compiled = (document: unknown, local = false): Config => {
  const result = compileConfig(document, SAMPLE_KINDS, { local });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.config;
};
const deployed = compiled(DEPLOYED);
const isBound = (name: string): boolean => name === "ZAKO_VPC";
const judge = (text: string) => judgeOverride(text, deployed, SAMPLE_KINDS, isBound);

/** What `config push` would write, and what it would not. */
function printed(document: unknown, over: Partial<Record<keyof Override, unknown>> = {}): string {
  const result = compileConfig(document, SAMPLE_KINDS, { local: false });
  const hash = result.ok ? result.config.hash : "0".repeat(16);
  return printOverride({ version: 1, base: deployed.hash, at: 5, document, hash, ...over } as Override);
}

describe("an override", () => {
  const other = { ...DEPLOYED, targets: [GUARDED, { ...OPEN, probes: { health: { interval: "2m" } } }] };

  it("that only `config push` could have written is taken, whole", () => {
    expect(judge(printed(other))).toEqual({ ok: true, at: 5, config: compiled(other) });
  });

  it("may change rules, and put back those that are shipped", () => {
    const document = { ...DEPLOYED, rules: { ZakoDiskLow: false, ZakoTargetDown: { severity: "warning" } } };
    const judged = judge(printed(document));
    expect(judged).toEqual({ ok: true, at: 5, config: compiled(document) });
    const strict = compiled(document);
    expect(judgeOverride(printed(DEPLOYED, { base: strict.hash }), strict, SAMPLE_KINDS, isBound)).toEqual({
      ok: true,
      at: 5,
      config: deployed,
    });
  });

  it("may not move where links lead, nor take that away", () => {
    const linked = compiled({ ...DEPLOYED, external_url: "https://watch.example" });
    expect(judgeOverride(printed(other, { base: linked.hash }), linked, SAMPLE_KINDS, isBound)).toMatchObject({
      ok: false,
      reason: "pinned",
    });
  });

  it("may change targets, what they share, regions and lanes", () => {
    const document = {
      ...DEPLOYED,
      vantages: ["weur", "enam"],
      lanes: 2,
      defaults: { interval: "30s" },
      targets: [
        { ...OPEN, labels: { team: "build" } },
        { name: "new", cas: "https://cas.new.example" },
      ],
    };
    expect(judge(printed(document))).toMatchObject({ ok: true, config: { lanes: 2, gridMs: 10_000 } });
  });

  it("may drop a target or a rule that only `notify` and `maintenance` name: they cannot change with it", () => {
    const document = {
      ...DEPLOYED,
      notify: {
        ...UNKNOWN_START,
        route: { routes: [{ match: 'target="open"' }, { match: 'alertname="ZakoDiskLow"' }] },
      },
      maintenance: [{ name: "disks", match: 'target="open"', intervals: [{ weekdays: ["sunday"] }] }],
    };
    const base = compiled(document);
    const less = { ...document, targets: [GUARDED], rules: { ZakoDiskLow: false } };
    const result = compileConfig(less, SAMPLE_KINDS, { local: false, isOverride: true });
    if (!result.ok) throw new Error(JSON.stringify(result.issues));
    expect(result.warnings.map(({ path }) => path.join("."))).toEqual([
      "notify.route.routes.0.match",
      "notify.route.routes.1.match",
      "maintenance.0.match",
    ]);
    const text = printed(less, { base: base.hash, hash: result.config.hash });
    expect(judgeOverride(text, base, SAMPLE_KINDS, isBound)).toMatchObject({ ok: true });
    // Deployed as it stands it is an error.
    expect(compileConfig(less, SAMPLE_KINDS, { local: false })).toMatchObject({ ok: false });
  });

  it("that says what is deployed, or nothing, leaves what is deployed in force", () => {
    expect(judge(printed(DEPLOYED))).toEqual({ ok: true, at: 5 });
    expect(judge(printed(null))).toEqual({ ok: true, at: 5 });
  });

  it.each<[string, string, string]>([
    ["empty", "", "garbage"],
    ["no JSON", "{", "garbage"],
    ["another JSON", "[1]", "garbage"],
    ["null", "null", "garbage"],
    ["no document", JSON.stringify({ version: 1, base: deployed.hash, at: 5, hash: "x" }), "garbage"],
    ["another version", printed(other, { version: 2 }), "garbage"],
    ["no hash", printed(other, { hash: undefined }), "garbage"],
    ["a generation that is no number", printed(other, { at: "5" }), "garbage"],
    ["a generation that nothing could follow", printed(other, { at: Number.MAX_SAFE_INTEGER }), "garbage"],
    ["a generation of nothing", printed(other, { at: 0 }), "garbage"],
    ["another base", printed(other, { base: "0123456789abcdef" }), "base"],
    ["another base, taken back", printed(null, { base: "0123456789abcdef" }), "base"],
    ["an unknown key", printed({ ...other, nonsense: 1 }), "invalid"],
    ["an address", printed({ ...other, targets: [{ name: "a", cas: "https://169.254.169.254" }] }), "invalid"],
    ["no encryption", printed({ ...other, targets: [{ name: "a", cas: "http://cas.eu.example" }] }), "invalid"],
    ["loopback", printed({ ...other, targets: [{ name: "a", cas: "http://127.0.0.1:9000" }] }), "invalid"],
    [
      "a secret of ours",
      printed({ ...DEPLOYED, targets: [{ ...OPEN, auth: { header: "a", secret: "ADMIN_TOKEN" } }] }),
      "invalid",
    ],
    ["more writes than the budget", printed({ ...DEPLOYED, defaults: { write_budget_per_day: 1 } }), "invalid"],
    ["another hash", printed(other, { hash: deployed.hash }), "hash"],
    ["another installation", printed({ ...other, installation: "other" }), "pinned"],
    ["more shards", printed({ ...other, shards: 2 }), "pinned"],
    ["public metrics", printed({ ...other, metrics: { public: true } }), "pinned"],
    ["nobody to tell", printed({ ...other, notify: undefined }), "pinned"],
    [
      "another to tell",
      printed({ ...other, notify: { receivers: { oncall: [{ slack: { webhook_url: "OTHER_WEBHOOK" } }] } } }),
      "pinned",
    ],
    [
      "a time when nobody is told",
      printed({
        ...other,
        maintenance: [{ name: "ever", match: 'target=~".+"', intervals: [{ years: ["1970:9999"] }] }],
      }),
      "pinned",
    ],
    ["an origin for links", printed({ ...other, external_url: "https://thief.example" }), "pinned"],
    [
      "a rule on a metric that is not there",
      printed({ ...other, rules: { Own: { kind: "rate", counter: "up" } } }),
      "invalid",
    ],
    ["shorter history", printed({ ...other, retention: { samples_days: 1 } }), "pinned"],
    [
      "a family more",
      printed({ ...other, families: [...DEPLOYED.families, { name: "depth", type: "gauge" }] }),
      "pinned",
    ],
    ["no families", printed({ ...other, families: undefined }), "pinned"],
    ["too long", " ".repeat(LONGEST_OVERRIDE + 1), "oversize"],
  ])("with %s is refused", (_, text, reason) => {
    const judged = judge(text);
    expect(judged).toMatchObject({ ok: false, reason });
    // What is logged quotes nothing.
    if (!judged.ok) expect(judged.why).not.toMatch(/https?:|nonsense|[0-9a-f]{16}|169\.254/);
  });

  it("pins every setting that is about who may see or lose what", () => {
    const overridable = ["hash", "gridMs", "vantages", "lanes", "targets", "rules"];
    const maintenance = [{ name: "disks", match: 'target=~".+"', intervals: [{ weekdays: ["sunday"] }] }];
    const page = { maintenance, status_page: { title: "Caches" } };
    const more = { external_url: "https://watch.example", rules: { ZakoDiskLow: false }, ...page };
    const full = compiled({ ...DEPLOYED, ...more });
    expect([...PINNED_KEYS, ...overridable].sort()).toEqual(Object.keys(full).sort());
  });
});

describe("bindings under an override", () => {
  const reached = (more: object) => judge(printed({ ...DEPLOYED, targets: [GUARDED, { ...OPEN, ...more }] }));

  it("that this deployment has may be used, for private hosts too", () => {
    expect(reached({ cas: "http://10.0.0.7:9000", via: "ZAKO_VPC" })).toMatchObject({ ok: true });
  });

  it("that it lacks are refused, and named", () => {
    for (const more of [{ via: "OTHER" }, { transport: "http://10.0.0.8", transport_via: "OTHER" }]) {
      const judged = reached(more);
      expect(judged).toMatchObject({ ok: false, reason: "binding" });
      if (!judged.ok) expect(judged.why).toMatch(/through OTHER, which this deployment has no binding for; add it/);
    }
  });
});

describe("secrets under an override", () => {
  const thief = "https://thief.example";
  const secretFor = (target: object) => judge(printed({ ...DEPLOYED, targets: [target] }));

  it.each<[string, object]>([
    ["the secret to another CAS", { ...GUARDED, cas: thief }],
    ["the secret to another Transport", { ...GUARDED, transport: thief }],
    ["the secret to another port", { ...GUARDED, cas: `${CAS}:8443` }],
    ["the secret from another target", { ...OPEN, auth: GUARDED.auth }],
    ["the secret through a binding", { ...GUARDED, via: "ZAKO_VPC" }],
    ["the secret as a password", { name: "x", cas: OPEN.cas, basic_auth: { username: "u", password: "ZAKO_TOKEN" } }],
    ["the secret in one of several headers", { ...OPEN, headers: [{ header: "x-key", secret: "ZAKO_TOKEN" }] }],
    ["the secret to a Transport alone", { ...OPEN, transport: thief, transport_headers: GUARDED.transport_headers }],
    ["another secret", { ...GUARDED, auth: { header: "x-secret", secret: "SLACK_URL" } }],
    ["the token to another Transport", { ...GUARDED, auth: undefined, transport: thief }],
    ["the token of another CAS", { ...GUARDED, auth: undefined, cas: OPEN.cas }],
  ])("%s is refused", (_, target) => expect(secretFor(target)).toMatchObject({ ok: false, reason: "secret" }));

  it.each<[string, object]>([
    ["less", { name: "guarded", cas: CAS }],
    ["under another name", { ...GUARDED, name: "renamed" }],
    ["under another path", { ...GUARDED, cas: `${CAS}/zako` }],
    ["a token back to where it came from", { ...OPEN, transport_auth: { header: "authorization" } }],
  ])("%s is taken", (_, target) => expect(secretFor(target).ok).toBe(true));
});

describe("laws of overrides", () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((document) => printed(document)),
    fc
      .record({
        version: fc.jsonValue(),
        base: fc.jsonValue(),
        at: fc.jsonValue(),
        hash: fc.jsonValue(),
        document: fc.jsonValue(),
      })
      .map((value) => JSON.stringify(value)),
    // One key of a good one replaced.
    fc
      .tuple(fc.constantFrom("installation", "targets", "defaults", "vantages", "__proto__", "metrics"), fc.jsonValue())
      .map(([key, value]) =>
        printed(JSON.parse(`{"targets":[{"name":"open","cas":"${OPEN.cas}"}],"${key}":${JSON.stringify(value)}}`)),
      ),
    // A good one cut and mended with noise.
    fc.tuple(fc.nat(400), fc.string({ maxLength: 5 })).map(([at, noise]) => {
      const text = printed(DEPLOYED);
      return text.slice(0, at) + noise + text.slice(at + noise.length);
    }),
  );

  it("no text makes the judge throw, and what is taken keeps every pin", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const judged = judge(text);
        if (!judged.ok || judged.config === undefined) return;
        for (const key of PINNED_KEYS) expect(judged.config[key]).toEqual(deployed[key]);
        for (const { casUrl } of judged.config.targets) expect(casUrl).toMatch(/^https:/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("depth is no way to crash it", () => {
    for (const text of [`${"[".repeat(200_000)}`, `${"[".repeat(200_000)}${"]".repeat(200_000)}`])
      expect(judge(text).ok).toBe(false);
    const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    for (const document of [deep, `{"targets":${deep}}`, `{"targets":[{"name":"a","labels":${deep}}]}`])
      expect(judge(`{"version":1,"base":"${deployed.hash}","at":1,"hash":"x","document":${document}}`).ok).toBe(false);
  });

  it("what is printed is read back", () => {
    const at = fc.integer({ min: 1, max: 8_640_000_000_000_000 });
    fc.assert(
      fc.property(fc.string(), at, fc.string(), fc.jsonValue(), (base, time, hash, document) => {
        const override = { version: 1, base, at: time, document, ...(document === null ? {} : { hash }) } as Override;
        expect(parseOverride(printOverride(override))).toEqual(JSON.parse(JSON.stringify(override)));
      }),
    );
  });
});
