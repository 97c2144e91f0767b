import * as z from "zod";
import { ContentAddressableStorage, type TransportDetails } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Protocol, type SocketAddress } from "../../../proto/gen/zako/v1/net_pb.ts";
import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../model/families/zako-families.ts";
import type { Failure } from "../../model/probing/failure.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { failed, OK, refusal, wrong } from "../step-result.ts";
import { sameAddress, unusableAddress } from "../zako/advertised-address.ts";
import { isUsableToken } from "../zako/token.ts";

/** A protocol that no Zako will ever support: the largest enum value of protobuf, which the type does not contain. */
const UNKNOWN_PROTOCOL = (2 ** 31 - 1) as Protocol;

const Options = z.strictObject({});
type Options = z.output<typeof Options>;

export const casDetails: ProbeKind<Options> = {
  kind: "cas.details",
  doc: "Calls GetTransportDetails; checks token, concurrency and address, and that an unknown protocol is refused.",
  tier: "cas",
  schedule: "rotating",
  recheck: "interval",
  defaults: { enabled: true, intervalMs: 300_000, timeoutMs: 5_000, critical: true },
  options: Options,
  calls: () => 2,
  writesBytes: () => 0,
  tokensIssued: 1,
  steps: ["details", "address", "unknown_protocol"],
  minorSteps: ["unknown_protocol"],
  families: [F.casRequests, F.detailsFailures, F.tokensIssued, F.recommendedConcurrency],
  initial: () => [
    { family: F.casRequests.name, labels: { ...PROBE_SOURCE, method: "GetTransportDetails", code: "ok" } },
    { family: F.detailsFailures.name, labels: PROBE_SOURCE },
    { family: F.tokensIssued.name, labels: PROBE_SOURCE },
  ],

  async run(run) {
    let details: TransportDetails | undefined;
    await run.step("details", async () => {
      const answer = await ask(run, Protocol.grpc);
      if (answer.ok) details = answer.details;
      const result = answer.ok ? judgeDetails(answer.details) : failed(answer.failure);
      if (result.outcome === "failed") run.observe(F.detailsFailures, 1);
      return result;
    });
    const found = details;
    if (found !== undefined) {
      run.observe(F.recommendedConcurrency, found.recommendedConcurrency);
      if (isUsableToken(found.authToken)) run.remember({ token: found.authToken });
      const { address } = run.task.target;
      const { serverAddr } = found;
      // An address that nobody can connect to is reported by the first step.
      if (address !== undefined && serverAddr !== undefined && unusableAddress(serverAddr) === undefined) {
        await run.step("address", async () => judgeAddress(serverAddr, address));
      }
    }
    await run.step("unknown_protocol", async () =>
      refusal(
        await ask(run, UNKNOWN_PROTOCOL),
        ["rpc_failed_precondition"],
        wrong("invalid_answer", "an unknown protocol was accepted"),
      ),
    );
    return undefined;
  },
};

type Details = { ok: true; details: TransportDetails } | { ok: false; failure: Failure };

/** Each answer costs the server a token. A call whose answer was lost may have cost one too. */
async function ask(run: Run<Options>, protocol: Protocol): Promise<Details> {
  const answer = await run.cas.call(ContentAddressableStorage.method.getTransportDetails, [
    { supportedProtocols: [protocol] },
  ]);
  const issued = (answer.ok ? 1 : 0) + answer.observation.retries;
  if (issued > 0) run.remember({ tokens: issued });
  if (!answer.ok) return { ok: false, failure: answer.failure };
  if (answer.message.authToken !== "") run.observe(F.tokensIssued, 1);
  return { ok: true, details: answer.message };
}

function judgeDetails({ authToken, recommendedConcurrency, serverAddr }: TransportDetails): StepResult {
  if (authToken === "") return wrong("invalid_answer", "GetTransportDetails returned an empty token");
  if (recommendedConcurrency === 0)
    return wrong("invalid_answer", "GetTransportDetails recommended a concurrency of 0");
  const problem = unusableAddress(serverAddr);
  if (problem === undefined) return OK;
  return wrong(
    "invalid_answer",
    `GetTransportDetails returned ${problem}`,
    "set the address that the server advertises to one that clients can connect to",
  );
}

/** The address is only compared, never called: requests must not go where a server points them. */
function judgeAddress(advertised: SocketAddress, expected: string): StepResult {
  if (sameAddress(advertised, expected)) return OK;
  return wrong(
    "address_drift",
    "GetTransportDetails returned an address that differs from the configured one",
    "if the server was moved on purpose, change the target's `address`",
  );
}
