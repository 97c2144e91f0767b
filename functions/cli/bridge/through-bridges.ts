import { trimCharacter } from "../../lib/trim-character.ts";
import type { Config } from "../../model/config.ts";
import type { Target } from "../../model/probing/target.ts";

/** By the origin of a native gRPC server, the origin of the bridge that stands for it. */
export type BridgeMap = Readonly<Record<string, string>>;

const urlsOf = ({ casUrl, transportUrl }: Target): string[] => [casUrl, transportUrl];

/** A bridge cannot reach what only a binding leads to. */
const isBridged = ({ protocol, via }: Target): boolean => protocol === "grpc" && via === undefined;

/** The origins of all targets with `protocol: grpc`, each once. */
export function grpcOrigins({ targets }: Config): string[] {
  const grpc = targets.filter(isBridged);
  return [...new Set(grpc.flatMap(urlsOf).map((url) => new URL(url).origin))];
}

/**
 * The configuration of a local run, with each `grpc` target asked at its bridges; undefined where one is missing. All else
 * stays as it is, the hash included: it names what the user has configured.
 */
export function throughBridges(config: Config, bridges: BridgeMap): Config | undefined {
  if (!grpcOrigins(config).every((origin) => Object.hasOwn(bridges, origin))) return undefined;
  const through = (url: string): string => {
    const { origin, pathname } = new URL(url);
    return trimCharacter(`${bridges[origin]}${pathname}`, "/", "end");
  };
  const targets = config.targets.map((target) =>
    isBridged(target)
      ? { ...target, casUrl: through(target.casUrl), transportUrl: through(target.transportUrl) }
      : target,
  );
  return { ...config, targets };
}
