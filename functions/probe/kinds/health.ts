import * as z from "zod";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { failed, OK, skipped, wrong } from "../step-result.ts";

const Options = z.strictObject({
  service: z.string().max(256).default("").meta({
    description: "Service to check; empty: the whole server.",
    example: "zako.v1.cas.ContentAddressableStorage",
  }),
});
type Options = z.output<typeof Options>;

export const health: ProbeKind<Options> = {
  kind: "health",
  doc: "Asks grpc.health.v1 whether the server is serving; skipped if the server does not offer it.",
  tier: "health",
  canBeRoot: true,
  schedule: "every",
  recheck: "safe",
  defaults: { enabled: true, intervalMs: MINUTE_MS, timeoutMs: 5_000, critical: true },
  options: Options,
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["check"],
  minorSteps: [],
  families: [],
  initial: () => [],

  async run(run) {
    await run.step("check", () => check(run));
    return undefined;
  },
};

async function check(run: Run<Options>): Promise<StepResult> {
  const { service } = run.options;
  const answer = await run.cas.call(Health.method.check, [{ service }]);
  if (!answer.ok) {
    if (answer.failure.reason === "rpc_unimplemented") {
      return skipped({
        ...answer.failure,
        hint: "the server does not offer grpc.health.v1: add it, or disable this probe",
      });
    }
    if (answer.failure.reason === "rpc_not_found" && service !== "") {
      return failed({
        ...answer.failure,
        hint: "the health service does not know this service: check the key `service`",
      });
    }
    return failed(answer.failure);
  }
  switch (answer.message.status) {
    case Status.SERVING:
      return OK;
    case Status.NOT_SERVING:
      return wrong("not_serving", "the health service answered NOT_SERVING");
    case Status.SERVICE_UNKNOWN:
      return wrong("not_serving", "the health service answered SERVICE_UNKNOWN", "check the key `service`");
    default:
      return wrong("not_serving", "the answer of the health service has no valid status");
  }
}
