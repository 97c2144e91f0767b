import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { alertingService, type Notified } from "../../../functions/expose/api/alerting-service.ts";
import { silenceService } from "../../../functions/expose/api/silence-service.ts";
import { AlertingService, SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { MemoryAlerting } from "../../expose/api/memory-alerting.ts";

/** The product's services on a server of Node's, over an Alerter in memory. */
export interface ApiServer {
  url: string;
  alerting: MemoryAlerting;
  close(): Promise<void>;
}

/** Starts one that takes this token. */
export async function startApi(token: string, notified: Notified): Promise<ApiServer> {
  const alerting = new MemoryAlerting();
  const handle = connectNodeAdapter({
    grpc: false,
    requestGate: ({ requestHeader }) => {
      if (requestHeader.get("authorization") === `Bearer ${token}`) return;
      throw new ConnectError("The bearer token is not the value of ADMIN_TOKEN.", Code.Unauthenticated);
    },
    routes: (router) => {
      router.service(
        AlertingService,
        alertingService(
          alerting,
          notified,
          () => Date.now(),
          async () => new Map([["cas-eu", Date.now() - 86_400_000]]),
        ),
      );
      router.service(
        SilenceService,
        silenceService(alerting, () => Date.now()),
      );
    },
    fallback: (_request, response) => {
      response.writeHead(404, { "content-type": "text/html" });
      response.end("<h1>Not here</h1>");
    },
  });
  const server = createServer(handle).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    alerting,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
