import { type LocalReceiver, localNotify } from "./local-notify.ts";

/** A blob that the local store is given, for `transport.download` to fetch. */
export interface Golden {
  /** BLAKE3 in hex. */
  digest: string;
  sizeBytes: number;
}

const GOLDEN_BYTES = 256 * 1024;

/** Puts a blob of known content into a store and answers with its name. */
export function storeGolden(store: { put(bytes: Uint8Array): string }): Golden {
  const bytes = Uint8Array.from({ length: GOLDEN_BYTES }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
  return { digest: store.put(bytes), sizeBytes: bytes.length };
}

/**
 * The `watch.yaml` of a local run: one Zako, watched over both protocols that it speaks on HTTP/1.1 (`url`), and through a
 * bridge over native gRPC (`grpcUrl`). `address` is the `IP:port` that it hands out. Alerts go to `receiver`, with links to
 * the prober on `port`.
 */
export function localConfig(
  zako: { url: string; grpcUrl: string; address: string },
  golden: Golden,
  receiver: LocalReceiver,
  port: number,
): string {
  const target = (name: string, protocol: string, more = ""): string => `  - name: ${name}
    cas: ${protocol === "grpc" ? zako.grpcUrl : zako.url}
    protocol: ${protocol}
    address: ${zako.address}
    transport_auth: { header: authorization, scheme: Bearer }
    probes: { scrape: { url: ${zako.url}/metrics, interval: 10s, timeout: 5s }${more} }
`;
  return `# Made by npm start for the Zako that it runs. Edit it meanwhile: changes are taken over at once.
installation: local
external_url: http://127.0.0.1:${port}
defaults:
  token_budget_per_day: 10000
  probes:
    health: { interval: 10s, timeout: 5s, degraded_after: 1s }
    cas.details: { interval: 1m, timeout: 5s }
    cas.negotiate: { interval: 10s, timeout: 5s }
    transport.download:
      interval: 10s
      timeout: 5s
      golden: { digest: ${golden.digest}, size_bytes: ${golden.sizeBytes} }
    transport.upload: { interval: 1m, timeout: 5s }
    transport.journey: { interval: 1m, timeout: 5s }
    transport.negative: { interval: 1m, timeout: 5s }
    worker.submit: { interval: 10s, timeout: 5s }
    worker.gc: { interval: 1m, timeout: 5s }
    engine.execute: { interval: 10s, timeout: 5s }
    engine.context: { interval: 10s, timeout: 5s }
    resource.heuristics: { interval: 10s, timeout: 5s }
metrics: { public: true }
targets:
${target("zako-web", "grpc-web")}${target("zako-connect", "connect")}${target("zako-grpc", "grpc", ", push: { interval: 10s }")}${localNotify(receiver)}`;
}
