import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Base URL of the control API of the reference Zako that the whole run shares. */
    zakoControl: string;
    /** Its gRPC-Web and Connect origin (HTTP/1.1). */
    zako: string;
    /** Its HTTP/2 origin without TLS: native gRPC, Connect and gRPC-Web. */
    zakoGrpc: string;
    /** Further reference Zakos, for tests that try many faults at a time: HTTP/1.1 origin and control API of each. */
    sickZakos: readonly { url: string; control: string }[];
    /** Cases per surface of the fuzz tests; 0: each test's own, small number. */
    fuzzRuns: number;
    /** Seed of the property tests; 0: another one in each run. */
    seed: number;
    /** Base URL of the receiver of messages that the whole run shares. */
    receiver: string;
  }
}
