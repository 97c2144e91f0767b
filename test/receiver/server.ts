import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CHANNELS, channelAt } from "./channels.ts";
import { answerBadly, FAULTS, FaultError, faultOfQuery, type ReceiverFault, readFault, takesFirst } from "./faults.ts";
import { Inbox } from "./inbox.ts";
import { renderPage } from "./page.ts";
import { RECEIVER_KEY } from "./receiver-key.ts";

/** A running receiver. */
export interface Receiver {
  /** `http://127.0.0.1:PORT` */
  url: string;
  readonly inbox: Inbox;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  /** 0, the default: any that is free. */
  port?: number;
  /** Keys (`whsec_...`) that signatures of webhooks are checked with. */
  webhookKeys?: readonly string[];
}

const ROUTES = [
  ...["GET /", "GET /messages", "GET /incidents", "DELETE /messages", "GET /faults", "POST /faults", "DELETE /faults"],
  ...["POST /services/... (Slack)", "POST /emails (Resend)", "POST /v2/enqueue (PagerDuty)", "POST /webhook"],
];
const LARGEST_BODY_BYTES = 32 * 1024 * 1024;

/** Starts a server on the loopback that takes messages as Slack, Resend, PagerDuty and a webhook do, and shows them. */
export async function startReceiver({
  port = 0,
  webhookKeys = [RECEIVER_KEY],
}: ReceiverOptions = {}): Promise<Receiver> {
  const inbox = new Inbox();
  const faults: ReceiverFault[] = [];
  const server = createServer((request, response) => {
    serve(request, response, inbox, faults, webhookKeys).catch((error: unknown) => {
      const status = error instanceof FaultError || error instanceof SyntaxError ? 400 : 500;
      if (!response.headersSent) send(response, status, `${error instanceof Error ? error.message : error}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inbox,
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  inbox: Inbox,
  faults: ReceiverFault[],
  keys: readonly string[],
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://receiver");
  const channel = request.method === "POST" ? channelAt(url.pathname) : undefined;
  if (channel !== undefined) {
    const fault = faultOfQuery(url.searchParams) ?? useFault(faults, channel);
    if (fault?.name === "refuse") return answerBadly(fault, response);
    const text = await readBody(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const take = () => inbox.take(channel, url.pathname, { headers, text }, keys, Date.now());
    if (fault === undefined) return send(response, ...take());
    if (takesFirst(fault)) take();
    return answerBadly(fault, response);
  }
  switch (`${request.method} ${url.pathname}`) {
    case "GET /":
      return send(response, 200, renderPage(inbox, faults, Date.now()), "text/html; charset=utf-8");
    case "GET /messages":
      return sendJson(response, inbox.entries);
    case "GET /incidents":
      return sendJson(response, [...inbox.incidents.values()]);
    case "DELETE /messages":
      inbox.clear();
      return sendJson(response, { cleared: true });
    case "GET /faults":
      return sendJson(response, { faults: FAULTS, channels: CHANNELS, active: faults });
    case "POST /faults": {
      const fault = readFault(JSON.parse(await readBody(request)));
      faults.push(fault);
      return sendJson(response, fault);
    }
    case "DELETE /faults":
      return sendJson(response, { cleared: faults.splice(0).length });
    default:
      return send(response, 404, `There is no ${request.method} ${url.pathname}. There are: ${ROUTES.join(", ")}.\n`);
  }
}

/** The fault that acts on a post to this receiver, one time fewer from now on. */
function useFault(faults: ReceiverFault[], channel: string): ReceiverFault | undefined {
  const fault = faults.find((one) => one.channel === undefined || one.channel === channel);
  if (fault?.times !== undefined && --fault.times === 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > LARGEST_BODY_BYTES) throw new FaultError("The body is larger than 32 MiB.");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/** The page loads nothing and runs nothing; mails are shown in frames without any rights. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

function send(response: ServerResponse, status: number, text: string, type = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { "content-type": type, "content-security-policy": POLICY, "cache-control": "no-store" });
  response.end(text);
}

const sendJson = (response: ServerResponse, value: unknown): void =>
  send(response, 200, `${JSON.stringify(value, null, 2)}\n`, "application/json");
