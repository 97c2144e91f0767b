import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { RunClock } from "../run-clock.ts";
import type { RunReport } from "../run-report.ts";
import { explainer, type SecondLook } from "./second-look.ts";

/** How failures to reach an origin are explained. Native gRPC through the platform's edge takes no other protocol. */
export function explainOf(
  { target, memory }: ProbeTask,
  look: SecondLook | undefined,
  report: RunReport,
  { now }: RunClock,
  signal: AbortSignal,
) {
  if (look === undefined) return undefined;
  return explainer({
    look,
    memory,
    signal,
    now,
    takesHttp2: target.protocol === "grpc",
    onLook: (origin, found) => report.remember({ looks: { [origin]: found } }),
  });
}
