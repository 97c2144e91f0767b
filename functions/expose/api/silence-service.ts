import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { silenceEnd, silenceState } from "../../notify/policy/windows/silence-state.ts";
import { addSilence } from "./add-silence.ts";
import type { AlertingPort, ListedSilence } from "./alerting-port.ts";
import { quoted } from "./field-issue.ts";
import { accepted, refused } from "./refused.ts";
import { type PageKey, readPage, takePage } from "./take-page.ts";
import { silenceMessage } from "./to-proto.ts";

const ORDER = { active: 0, pending: 1, expired: 2 } as const;

/** SilenceService of watch.v1 over the Alerter. `now`: epoch ms. */
export const silenceService = (port: AlertingPort, now: () => number): ServiceImpl<typeof SilenceService> => ({
  async addSilence({ matchers, startsAt, endsAt, author, reason, maintenance }) {
    const draft = { matchers, startsAt: ms(startsAt), endsAt: ms(endsAt), author, reason, maintenance };
    const { silence, matched } = accepted(await addSilence(port, draft, now()));
    return { silence: silenceMessage(silence), matched };
  },

  async listSilences({ includeExpired, ...asked }) {
    const cursor = accepted(readPage(asked, ["silences", `${includeExpired}`], now()));
    const shown = (await port.silences()).filter(
      ({ state, expiredReason }) => includeExpired || state !== "expired" || expiredReason !== undefined,
    );
    const { items, nextPageToken } = takePage(shown, cursor, (one) => keyAt(one, cursor.at));
    return { silences: items.map(silenceMessage), nextPageToken };
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

/** By its state at a time, that of the first page: a silence that starts or ends since then keeps its place. */
function keyAt({ state: _, expiredAt, ...silence }: ListedSilence, at: number): PageKey {
  const then = expiredAt === undefined || expiredAt > at ? silence : { ...silence, expiredAt };
  return [ORDER[silenceState(then, at)], silenceEnd(then), silence.id];
}

const ms = (time: Timestamp | undefined): number | undefined => (time === undefined ? undefined : timestampMs(time));
