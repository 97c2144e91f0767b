import * as z from "zod";
import { optional, required, sizeText, wholeNumber } from "../lib/leaf.ts";
import { METRICS_DETAILS } from "../model/config.ts";
import { protocols } from "../model/probing/protocol.ts";
import { REGIONS } from "../model/probing/vantage.ts";
import type { ProbeKind } from "../probe/kind.ts";
import {
  ACCESS_EXAMPLE,
  credentialKeys,
  fetcherName,
  headerKeys,
  secretHeaderList,
} from "../probe/rpc/secret-header.ts";
import { maintenanceKey } from "./notify/maintenance-section.ts";
import { notifySection } from "./notify/notify-section.ts";
import type { Read } from "./read.ts";
import { rulesKey } from "./rules/rules-section.ts";
import { statusPageKey } from "./status/status-section.ts";
import { suggestion } from "./suggest.ts";
import { familiesKey } from "./targets/imported-families.ts";
import { ownLabels } from "./targets/own-labels.ts";
import { PLAN_KEYS } from "./targets/plan-keys.ts";
import { probesKey, thresholdsKey } from "./targets/probe-section.ts";
import { externalUrl } from "./urls/external-url.ts";

/** Guards against typing errors such as GiB for MiB. */
const LARGEST_BUDGET_BYTES = 2 ** 36;

/** Defaults that are applied where the layers of the document are merged. */
export const DEFAULTS = {
  protocol: "grpc-web",
  writeBudgetBytes: 16 * 2 ** 20,
  tokenBudget: 1_000,
} as const;

const NAME_RULE = "; use at most 63 letters, digits, - _ and ., starting and ending with a letter or digit";
const nameText = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/, `is not a valid name${NAME_RULE}`);

/** Accepted by the platform, placed elsewhere (Cloudflare's documentation of location hints, 2026-10): a probe "from" there would be a lie. */
const HINTS_WITHOUT_HOST: Readonly<Record<string, string>> = { sam: "enam", afr: "weur", me: "eeur" };

function wrongRegion(value: unknown): string {
  if (typeof value !== "string") return `is not a region; choose from ${REGIONS.join(", ")}`;
  const instead = Object.hasOwn(HINTS_WITHOUT_HOST, value) ? HINTS_WITHOUT_HOST[value] : undefined;
  if (instead !== undefined)
    return `is not a region to probe from: the platform has no hosts there and would probe from elsewhere; choose another one, such as ${instead}`;
  if (value === "local") return "is not a region; leave `vantages` out to probe from wherever the Monitor runs";
  return `is not a region${suggestion(value, REGIONS)}`;
}

const protocolName = z.enum(protocols);
const budgetKeys = {
  write_budget_per_day: optional(sizeText(LARGEST_BUDGET_BYTES), {
    description:
      "Maximum number of bytes a day that the probes may add to the target's store. A configuration that needs more is an error.",
    default: "16MiB",
  }),
  token_budget_per_day: optional(wholeNumber(0, 1_000_000), {
    description: "Maximum number of tokens a day that the target may have to issue and keep for the probes.",
    default: DEFAULTS.tokenBudget,
  }),
};

const defaultsSection = (kinds: readonly ProbeKind[]) =>
  z.strictObject({
    protocol: optional(protocolName, {
      description: "Protocol of targets without one.",
      default: DEFAULTS.protocol,
    }),
    interval: optional(PLAN_KEYS.interval.schema, {
      description:
        "Interval of probes that only read. Probes that write, or for which the target issues tokens, keep their own interval unless it is set below.",
      example: "1m",
    }),
    timeout: optional(PLAN_KEYS.timeout.schema, { description: "Timeout of all probes.", example: "10s" }),
    recheck: optional(PLAN_KEYS.recheck.schema, {
      description: "Time between runs of a failing probe, for all probes that may be repeated.",
      example: "15s",
    }),
    thresholds: thresholdsKey,
    ...budgetKeys,
    probes: probesKey(kinds, "Same as `targets[].probes`, for all targets."),
  });

const targetSection = (kinds: readonly ProbeKind[]) =>
  z.strictObject({
    name: required(nameText, { description: "Unique name; the `target` label of every series.", example: "cas-eu" }),
    cas: required(z.string().max(2_048), {
      description: "URL of the CAS service and the health service: https, with a public DNS name.",
      example: "https://cas.eu.example",
    }),
    transport: optional(z.string().max(2_048), {
      description: "URL of the Transport service. Default: same as `cas`.",
      example: "https://cas.eu.example",
    }),
    protocol: optional(protocolName, {
      description:
        "`connect`, `grpc-web`, or `grpc` (native gRPC through the platform's edge). Default: that of `defaults`.",
      default: DEFAULTS.protocol,
    }),
    via: optional(fetcherName, {
      description:
        "Name of the binding in wrangler.toml that leads to this target: a VPC service or network, a client certificate, or another Worker. With it, http, IP addresses, private names and any port are allowed. Default: the public internet.",
      example: "ZAKO_VPC",
    }),
    transport_via: optional(fetcherName, {
      description: "Name of the binding that leads to the Transport. Default: same as `via`.",
      example: "BLOBS_VPC",
    }),
    ...credentialKeys(
      "to the CAS's origin: with every call, if the Transport is on the same origin and behind the same binding",
    ),
    transport_headers: optional(secretHeaderList, {
      description: "Headers with secrets, sent to a Transport that is on another origin or behind another binding.",
      example: ACCESS_EXAMPLE,
    }),
    transport_auth: optional(z.strictObject(headerKeys), {
      description: "Header in which transfers send the token that the CAS issued. Default: the token is not sent.",
    }),
    address: optional(z.string().max(64), {
      description: "`IP:port` that GetTransportDetails must return. Default: not checked.",
      example: "10.0.0.1:9000",
    }),
    recheck: optional(PLAN_KEYS.recheck.schema, {
      description: "Time between runs of this target's probes while they fail. Without it, that of `defaults`.",
      example: "10s",
    }),
    labels: optional(ownLabels, {
      description: "Labels for routing and rules. They are never added to metrics.",
      example: { team: "build" },
    }),
    public: optional(z.boolean(), {
      description:
        "Whether everybody may see on the status page how this target is: its name, its group, its state and its incidents, never URLs or texts of servers.",
      default: false,
    }),
    ...budgetKeys,
    probes: probesKey(kinds, "Probes by kind: `true`, `false`, or a section of keys."),
  });

const buildSchema = (kinds: readonly ProbeKind[]) =>
  z.strictObject({
    installation: nameText.default("main").meta({
      description:
        "Name of this installation. Installations that watch the same target need different names, or they mistake each other's canaries for their own.",
    }),
    external_url: externalUrl,
    vantages: z
      .array(z.enum(REGIONS, { error: (found) => wrongRegion(found.input) }))
      .default([])
      .meta({
        description: `Regions to probe from: ${REGIONS.join(", ")}. Default: wherever the Monitor runs.`,
      }),
    shards: wholeNumber(1, 256).default(1).meta({ description: "Number of Monitors that share the targets." }),
    lanes: wholeNumber(1, 64).default(1).meta({ description: "Number of probers per region and shard." }),
    defaults: defaultsSection(kinds).prefault({}).meta({ description: "Settings of all targets." }),
    targets: z.array(targetSection(kinds)).meta({ description: "Targets to watch, at least one." }),
    rules: rulesKey,
    families: familiesKey,
    metrics: z
      .strictObject({
        public: z.boolean().default(false).meta({ description: "Whether `/metrics` is readable without a token." }),
        created: z
          .boolean()
          .default(false)
          .meta({ description: "Whether OpenMetrics responses have `_created` samples." }),
        detail: z.enum(METRICS_DETAILS).default("standard").meta({
          description:
            "Which series `/metrics` shows: `standard` (at most 250 per target with the default probes and one vantage; always those that rules read) or `full` (also durations of steps, all buckets, states of probes and more; about 1,000).",
        }),
      })
      .prefault({})
      .meta({ description: "The Prometheus endpoint." }),
    notify: optional(notifySection, {
      description: "Who is notified of alerts. Default: nobody; alerts are only kept and shown.",
    }),
    maintenance: maintenanceKey,
    status_page: statusPageKey,
    retention: z
      .strictObject({
        samples_days: wholeNumber(1, 90).default(30).meta({ description: "Days to keep single results in D1." }),
        rollups_days: wholeNumber(1, 3_650)
          .default(400)
          .meta({ description: "Days to keep hourly rollups; at least `samples_days`." }),
      })
      .prefault({})
      .meta({ description: "How long history is kept." }),
  });

const schemas = new WeakMap<readonly ProbeKind[], ReturnType<typeof buildSchema>>();

/** Schema of the user's document, `watch.yaml`, for a list of probe kinds. Made once per list of kinds: that takes 2 ms. */
export function documentSchema(kinds: readonly ProbeKind[]): ReturnType<typeof buildSchema> {
  const schema = schemas.get(kinds) ?? buildSchema(kinds);
  schemas.set(kinds, schema);
  return schema;
}

/** The document as far as it could be read. */
export type ReadDocument = Read<z.output<ReturnType<typeof documentSchema>>>;
export type ReadTarget = Read<z.output<ReturnType<typeof targetSection>>>;
export type ReadDefaults = Read<z.output<ReturnType<typeof defaultsSection>>>;
