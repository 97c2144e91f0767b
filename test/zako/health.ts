import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { type Health, HealthCheckResponse_ServingStatus as Status } from "../../proto/gen/grpc/health/v1/health_pb.ts";
import { ContentAddressableStorage } from "../../proto/gen/zako/v1/cas_pb.ts";
import { Transport } from "../../proto/gen/zako/v1/transport_pb.ts";
import { callOf } from "./call.ts";

export type StatusName = keyof typeof Status;
export const statusNames = Object.keys(Status) as StatusName[];

/** What the health service says, by service name; `""` is the whole server. */
export class HealthBoard {
  #statuses = fresh();
  #watchers = new Set<() => void>();

  get(service: string): Status | undefined {
    return this.#statuses.get(service);
  }

  set(service: string, status: StatusName): void {
    this.#statuses.set(service, Status[status]);
    for (const wake of this.#watchers) wake();
  }

  snapshot(): Record<string, StatusName> {
    const named = [...this.#statuses].map(([service, status]) => [service, nameOf(status)] as const);
    return Object.fromEntries(named);
  }

  reset(): void {
    this.#statuses = fresh();
    for (const wake of this.#watchers) wake();
  }

  /** Resolves at the next change, or when the signal is aborted. */
  change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#watchers.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.#watchers.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

/** grpc.health.v1 over a board; without `isOffered` every call is `unimplemented`. */
export function createHealth(board: HealthBoard, isOffered: boolean): ServiceImpl<typeof Health> {
  return {
    check({ service }, context) {
      const call = callOf(context.values);
      if (!call.decide("offersHealth", isOffered)) throw unimplemented();
      const status = board.get(service);
      if (status === undefined) throw new ConnectError(`unknown service ${JSON.stringify(service)}`, Code.NotFound);
      return { status: call.decide("health", status) };
    },

    async *watch({ service }, context) {
      const call = callOf(context.values);
      if (!call.decide("offersHealth", isOffered)) throw unimplemented();
      let last: Status | undefined;
      while (!context.signal.aborted) {
        // Asked for first, so that no change between the look and the wait is lost.
        const changed = board.change(context.signal);
        const known = board.get(service);
        const status = known === undefined ? Status.SERVICE_UNKNOWN : call.decide("health", known);
        if (status !== last) yield { status };
        last = status;
        await changed;
      }
    },
  };
}

function unimplemented(): ConnectError {
  return new ConnectError("this server has no health service", Code.Unimplemented);
}

function nameOf(status: Status): StatusName {
  return statusNames.find((name) => Status[name] === status) ?? "UNKNOWN";
}

function fresh(): Map<string, Status> {
  return new Map(["", ContentAddressableStorage.typeName, Transport.typeName].map((name) => [name, Status.SERVING]));
}
