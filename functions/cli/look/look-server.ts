import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Failure } from "../../model/probing/failure.ts";
import type { LocalFinding } from "../../probe/look/local-look.ts";

/** What tells why an origin's calls fail; null where there is nothing to add. */
export type FindCause = (origin: string) => Promise<Failure | null>;

/** A running server that answers the Worker of a local run. */
export interface LookServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /?origin=ORIGIN` on 127.0.0.1 with what Node finds out about that origin. Only origins that `isKnown` lets
 * pass are looked at: whoever reaches this port must not be able to point it elsewhere.
 */
export async function startLookServer(
  find: FindCause,
  isKnown: (origin: string) => Promise<boolean>,
): Promise<LookServer> {
  const server = createServer((request, response) => {
    const origin = new URL(request.url ?? "/", "http://look.invalid").searchParams.get("origin") ?? "";
    const reply = (status: number, found: LocalFinding): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(found));
    };
    const answer = async (): Promise<void> => {
      if (await isKnown(origin)) reply(200, (await find(origin)) ?? {});
      else reply(404, {});
    };
    answer().catch(() => reply(500, {}));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
