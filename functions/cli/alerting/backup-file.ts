import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { z } from "zod";
import { type Alert, type Silence, SilenceState } from "../../../proto/gen/watch/v1/alerting_pb.ts";

const moment = z.iso.datetime({ offset: true });

const backupSchema = z.strictObject({
  version: z.literal(1),
  /** When it was written, and from where. */
  at: moment,
  url: z.string(),
  silences: z.array(
    z.strictObject({
      matchers: z.array(z.string()).min(1),
      startsAt: moment,
      endsAt: moment,
      author: z.string(),
      reason: z.string(),
      maintenance: z.boolean(),
    }),
  ),
  acknowledgements: z.array(
    z.strictObject({
      fingerprint: z.string(),
      startsAt: moment,
      /** Name and target of the alert, for people. */
      alert: z.string(),
      author: z.string(),
      comment: z.string(),
      at: moment,
    }),
  ),
});

/** What people have decided about alerts, as `alerts export` writes it. Times in RFC 3339. */
export type Backup = z.output<typeof backupSchema>;
export type BackedSilence = Backup["silences"][number];
export type BackedAcknowledgement = Backup["acknowledgements"][number];

/** The backup in a text, or what is wrong with it. */
export function readBackup(text: string): { ok: true; backup: Backup } | { ok: false; why: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, why: "this is not JSON; give a file that `alerts export` has written" };
  }
  const read = backupSchema.safeParse(json);
  if (read.success) return { ok: true, backup: read.data };
  const [issue] = read.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return { ok: false, why: `${where}${issue?.message}; give a file that \`alerts export\` has written` };
}

/** A backup of silences that are not over and of acknowledgements. `now`: epoch ms. Pure. */
export function backupOf(silences: readonly Silence[], alerts: readonly Alert[], url: string, now: number): Backup {
  return {
    version: 1,
    at: new Date(now).toISOString(),
    url,
    silences: silences.filter(({ state }) => state !== SilenceState.EXPIRED).map(silenceOf),
    acknowledgements: alerts.flatMap(({ fingerprint, startsAt, labels, acknowledgement }) => {
      if (acknowledgement === undefined) return [];
      const { author, comment, at } = acknowledgement;
      const alert = `${labels["alertname"] ?? ""} ${labels["target"] ?? ""}`.trim();
      return [{ fingerprint, startsAt: textOf(startsAt), alert, author, comment, at: textOf(at) }];
    }),
  };
}

/** A silence as a backup has it. */
export const silenceOf = ({ matchers, startsAt, endsAt, author, reason, maintenance }: Silence): BackedSilence => ({
  matchers: [...matchers],
  startsAt: textOf(startsAt),
  endsAt: textOf(endsAt),
  author,
  reason,
  maintenance,
});

/**
 * Whether two silences silence the same for the same time, from now on: a start in the past is as good as any other, since
 * one that is added again starts then. `now`: epoch ms.
 */
export function isSameSilence(a: BackedSilence, b: BackedSilence, now: number): boolean {
  const identity = ({ matchers, startsAt, endsAt, author, reason, maintenance }: BackedSilence): string =>
    JSON.stringify([
      [...matchers].sort(),
      Math.max(now, Date.parse(startsAt)),
      Date.parse(endsAt),
      author,
      reason,
      maintenance,
    ]);
  return identity(a) === identity(b);
}

const textOf = (time: Timestamp | undefined): string =>
  new Date(time === undefined ? 0 : timestampMs(time)).toISOString();
