import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Silence, SilenceState } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { cleanLine } from "../../lib/clean-text.ts";
import { spellMoment } from "./moment.ts";

const WORDS: Readonly<Record<SilenceState, string>> = {
  [SilenceState.UNSPECIFIED]: "",
  [SilenceState.PENDING]: "pending",
  [SilenceState.ACTIVE]: "active",
  [SilenceState.EXPIRED]: "expired",
};

/** A silence in a few lines. `now`: epoch ms. */
export function formatSilence({ id, state, matchers, startsAt, endsAt, ...of }: Silence, now: number): string {
  const when = (time: typeof startsAt): string =>
    time === undefined ? "an unknown time" : spellMoment(timestampMs(time), now);
  const facts = [
    `by ${of.author}: ${of.reason}`,
    ...(state === SilenceState.PENDING ? [`from ${when(startsAt)}`] : []),
    `${state === SilenceState.EXPIRED ? "expired" : "until"} ${when(endsAt)}`,
    ...(of.expiredReason === "" ? [] : [`expired by the Alerter: ${of.expiredReason}`]),
    ...(of.maintenance ? ["maintenance: does not count as downtime"] : []),
    `id ${id}`,
  ];
  const lines = [`${WORDS[state]}: ${matchers.join(", ")}`, ...facts.map((fact) => `  ${cleanLine(fact)}`)];
  return lines.join("\n");
}
