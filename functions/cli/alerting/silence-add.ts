import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Command, UsageError } from "../command.ts";
import { readOptions } from "../read-options.ts";
import { callApi } from "./call-api.ts";
import { URL_OPTION } from "./connection.ts";
import { formatSilence } from "./format-silence.ts";
import { readLength, readMoment } from "./moment.ts";
import { authorOf } from "./read-labels.ts";

const OPTIONS = {
  ...URL_OPTION,
  for: { type: "string" },
  until: { type: "string" },
  at: { type: "string" },
  author: { type: "string" },
  reason: { type: "string" },
  maintenance: { type: "boolean" },
} as const;

/** Creates a silence. */
export const silenceAdd: Command = {
  name: "silence add",
  usage: "MATCHER... --for 2h|--until TIME --reason TEXT [--author NAME] [--at TIME|+1h] [--maintenance] [--url URL]",
  summary:
    "Silences matching alerts until the silence expires; with --maintenance, the time does not count as downtime.",
  run(args, context) {
    const { values, positionals: matchers } = readOptions(args, OPTIONS);
    if (matchers.length === 0) throw new UsageError('no matcher given; give one such as target="cas-eu"');
    const now = Date.now();
    const startsAt = values.at === undefined ? undefined : readMoment("--at", values.at, now);
    if ((values.for === undefined) === (values.until === undefined))
      throw new UsageError("give either --for or --until: a silence must expire");
    const endsAt =
      values.for === undefined
        ? readMoment("--until", values.until ?? "", now)
        : Math.max(now, startsAt ?? now) + readLength("--for", values.for);
    const { reason, maintenance = false } = values;
    if (reason === undefined) throw new UsageError("--reason is missing: say why, for others who see the silence");
    const author = authorOf(values.author, context.env);
    return callApi(values.url, context, async ({ silences }) => {
      const { silence, matched } = await silences.addSilence({
        matchers,
        ...(startsAt === undefined ? {} : { startsAt: timestampFromMs(startsAt) }),
        endsAt: timestampFromMs(endsAt),
        author,
        reason,
        maintenance,
      });
      if (silence === undefined) return 1;
      const matches =
        matched === 0
          ? "it matches no firing alert"
          : `it matches ${matched} firing ${matched === 1 ? "alert" : "alerts"}`;
      context.print(
        `${formatSilence(silence, now)}\n${matches}; to expire it: npm run cli -- silence expire ${silence.id}`,
      );
      return 0;
    });
  },
};
