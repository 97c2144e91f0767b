import { HealthCheckResponse_ServingStatus as Status } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { defineFault, type Fault } from "./fault.ts";

/** What a health service can say or not say. */
export const healthFaults: readonly Fault[] = [
  defineFault({
    name: "health-off",
    doc: "There is no health service: every call of it is `unimplemented`.",
    methods: ["health.Check", "health.Watch"],
    decide: { offersHealth: () => false },
  }),
  defineFault({
    name: "health-not-serving",
    doc: "The health service says NOT_SERVING about everything, or another status.",
    methods: ["health.Check", "health.Watch"],
    params: { status: { doc: "what it says", default: "NOT_SERVING", oneOf: Object.keys(Status) } },
    decide: { health: (_, { status }) => Status[status as keyof typeof Status] },
  }),
];
