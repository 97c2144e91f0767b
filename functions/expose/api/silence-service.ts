import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { silenceEnd } from "../../notify/policy/windows/silence-state.ts";
import { addSilence } from "./add-silence.ts";
import type { AlertingPort } from "./alerting-port.ts";
import { quoted } from "./field-issue.ts";
import { accepted, refused } from "./refused.ts";
import { silenceMessage } from "./to-proto.ts";

const ORDER = { active: 0, pending: 1, expired: 2 } as const;

/** SilenceService of watch.v1 over the Alerter. `now`: epoch ms. */
export const silenceService = (port: AlertingPort, now: () => number): ServiceImpl<typeof SilenceService> => ({
  async addSilence({ matchers, startsAt, endsAt, author, reason, maintenance }) {
    const draft = { matchers, startsAt: ms(startsAt), endsAt: ms(endsAt), author, reason, maintenance };
    const { silence, matched } = accepted(await addSilence(port, draft, now()));
    return { silence: silenceMessage(silence), matched };
  },

  async listSilences({ includeExpired }) {
    const shown = (await port.silences()).filter(
      ({ state, expiredReason }) => includeExpired || state !== "expired" || expiredReason !== undefined,
    );
    const inOrder = shown.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || silenceEnd(a) - silenceEnd(b));
    return { silences: inOrder.map(silenceMessage) };
  },

  async expireSilence({ id }) {
    if (id === "") throw refused(Code.InvalidArgument, "id: It is empty. Give the id of a silence.");
    await port.expireSilence(id);
    const silence = (await port.silences()).find((one) => one.id === id);
    if (silence === undefined)
      throw refused(
        Code.NotFound,
        `Silence ${quoted(id)} not found. ListSilences lists all silences; expired ones are kept for 5 days.`,
      );
    return { silence: silenceMessage(silence) };
  },
});

const ms = (time: Timestamp | undefined): number | undefined => (time === undefined ? undefined : timestampMs(time));
