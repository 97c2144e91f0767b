import * as z from "zod";
import { optional, required, sizeText, wholeNumber } from "../lib/leaf.ts";
import { REGIONS } from "../model/probing/vantage.ts";
import type { ProbeKind } from "../probe/kind.ts";
import { headerKeys, secretHeader } from "../probe/rpc/secret-header.ts";
import { notifySection } from "./notify/notify-section.ts";
import type { Read } from "./read.ts";
import { rulesKey } from "./rules/rules-section.ts";
import { suggestion } from "./suggest.ts";
import { familiesKey } from "./targets/imported-families.ts";
import { ownLabels } from "./targets/own-labels.ts";
import {
  intervalText,
  probesKey,
  recheckText,
  thresholds,
  thresholdsKey,
  timeoutText,
} from "./targets/probe-section.ts";
import { externalUrl } from "./urls/external-url.ts";

/** Only a guard against slips of the pen, such as GiB for MiB. */
const LARGEST_BUDGET_BYTES = 2 ** 36;

/** Defaults that are applied where the layers of the document are merged. */
export const DEFAULTS = {
  protocol: "grpc-web",
  writeBudgetBytes: 16 * 2 ** 20,
  tokenBudget: 1_000,
} as const;

const NAME_RULE = "; use letters, digits, - _ and . (the ends a letter or digit), at most 63";
const nameText = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/, `is not a name${NAME_RULE}`);

/** Accepted by the platform, placed elsewhere (Cloudflare's documentation of location hints, 2026-10): a probe "from" there would be a lie. */
const HINTS_WITHOUT_HOST: Readonly<Record<string, string>> = { sam: "enam", afr: "weur", me: "eeur" };

function wrongRegion(value: unknown): string {
  if (typeof value !== "string") return `is not a region; choose from ${REGIONS.join(", ")}`;
  const instead = Object.hasOwn(HINTS_WITHOUT_HOST, value) ? HINTS_WITHOUT_HOST[value] : undefined;
  if (instead !== undefined)
    return `is not a region to probe from: the platform runs nothing there and would probe from elsewhere; take one that exists, such as ${instead}`;
  if (value === "local") return "is not a region; leave `vantages` out to probe from wherever the Monitor runs";
  return `is not a region${suggestion(value, REGIONS)}`;
}

const protocolName = z.enum(["connect", "grpc-web", "grpc"]);
const budgetKeys = {
  write_budget_per_day: optional(sizeText(LARGEST_BUDGET_BYTES), {
    description: "Most bytes a day that the probes may add to the target's store; a config that needs more is refused.",
    default: "16MiB",
  }),
  token_budget_per_day: optional(wholeNumber(0, 1_000_000), {
    description: "Most tokens a day that the probes may make the target mint and keep.",
    default: DEFAULTS.tokenBudget,
  }),
};

const defaultsSection = (kinds: readonly ProbeKind[]) =>
  z.strictObject({
    protocol: optional(protocolName, {
      description: "Protocol of targets that name none.",
      default: DEFAULTS.protocol,
    }),
    interval: optional(intervalText, {
      description:
        "Interval of probes that only read; those that write or mint tokens keep their own unless set below.",
      example: "1m",
    }),
    timeout: optional(timeoutText, { description: "Timeout of all probes.", example: "10s" }),
    recheck: optional(recheckText, {
      description: "Time between runs of a probe that fails, for all probes that may be repeated.",
      example: "15s",
    }),
    thresholds: optional(thresholds, thresholdsKey),
    ...budgetKeys,
    probes: probesKey(kinds, "As `targets[].probes`, for all targets."),
  });

const targetSection = (kinds: readonly ProbeKind[]) =>
  z.strictObject({
    name: required(nameText, { description: "Unique name; the `target` label of every series.", example: "cas-eu" }),
    cas: required(z.string().max(2_048), {
      description: "URL of the CAS service (and of health): https, a public DNS name.",
      example: "https://cas.eu.example",
    }),
    transport: optional(z.string().max(2_048), {
      description: "URL of the Transport service; none: the same as `cas`.",
      example: "https://cas.eu.example",
    }),
    protocol: optional(protocolName, {
      description:
        "How to speak to it: `connect`, `grpc-web`, or `grpc` (native gRPC through the platform's edge). Without it, that of `defaults`.",
      default: DEFAULTS.protocol,
    }),
    auth: optional(secretHeader, { description: "Secret sent with every call to this target." }),
    transport_auth: optional(z.strictObject(headerKeys), {
      description: "How the token that the CAS hands out travels on transfers. None: it is not sent.",
    }),
    address: optional(z.string().max(64), {
      description: "`IP:port` that GetTransportDetails must hand out. None: not compared.",
      example: "10.0.0.1:9000",
    }),
    recheck: optional(recheckText, {
      description: "Time between runs of this target's probes while they fail. Without it, that of `defaults`.",
      example: "10s",
    }),
    labels: optional(ownLabels, {
      description: "Labels for routing and rules; never on metrics.",
      example: { team: "build" },
    }),
    ...budgetKeys,
    probes: probesKey(kinds, "Probes by kind: `true`, `false`, or a section of keys."),
  });

const buildSchema = (kinds: readonly ProbeKind[]) =>
  z.strictObject({
    installation: nameText.default("main").meta({
      description:
        "Name of this installation. Two that watch the same target need two names, or they mistake each other's canaries for their own.",
    }),
    external_url: externalUrl,
    vantages: z
      .array(z.enum(REGIONS, { error: (found) => wrongRegion(found.input) }))
      .default([])
      .meta({
        description: `Regions to probe from: ${REGIONS.join(", ")}. None: from wherever the Monitor runs.`,
      }),
    shards: wholeNumber(1, 256).default(1).meta({ description: "Monitors that share the targets." }),
    lanes: wholeNumber(1, 64).default(1).meta({ description: "Probers per region and shard." }),
    defaults: defaultsSection(kinds).prefault({}).meta({ description: "What all targets share." }),
    targets: z.array(targetSection(kinds)).meta({ description: "What is watched: at least one target." }),
    rules: rulesKey,
    families: familiesKey,
    metrics: z
      .strictObject({
        public: z.boolean().default(false).meta({ description: "`/metrics` asks for no token." }),
        created: z.boolean().default(false).meta({ description: "`_created` samples in OpenMetrics answers." }),
      })
      .prefault({})
      .meta({ description: "The Prometheus endpoint." }),
    notify: optional(notifySection, {
      description: "Who is told of alerts. None: nobody is, alerts are only kept and shown.",
    }),
    retention: z
      .strictObject({
        samples_days: wholeNumber(1, 90).default(30).meta({ description: "Days that single results stay in D1." }),
        rollups_days: wholeNumber(1, 3_650)
          .default(400)
          .meta({ description: "Days that hourly rollups stay; at least `samples_days`." }),
      })
      .prefault({})
      .meta({ description: "How long history is kept." }),
  });

const schemas = new WeakMap<readonly ProbeKind[], ReturnType<typeof buildSchema>>();

/** The user's document, `watch.yaml`, with the probe kinds that there are. Made once per list of kinds: that takes 2 ms. */
export function documentSchema(kinds: readonly ProbeKind[]): ReturnType<typeof buildSchema> {
  const schema = schemas.get(kinds) ?? buildSchema(kinds);
  schemas.set(kinds, schema);
  return schema;
}

/** The document as far as it could be read. */
export type ReadDocument = Read<z.output<ReturnType<typeof documentSchema>>>;
export type ReadTarget = Read<z.output<ReturnType<typeof targetSection>>>;
export type ReadDefaults = Read<z.output<ReturnType<typeof defaultsSection>>>;
