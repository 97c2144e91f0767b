import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AlertingService, SilenceService } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { cleanLine, cleanLines } from "../../lib/clean-text.ts";
import type { CommandContext } from "../command.ts";
import { type Connection, connect } from "./connection.ts";

/** The services of an installation. */
export interface Api {
  alerting: Client<typeof AlertingService>;
  silences: Client<typeof SilenceService>;
  /** Its address. */
  url: string;
}

const TIMEOUT_MS = 15_000;

/**
 * Does something with the API of an installation; `asked` is the value of `--url`. A failed call is printed, and the exit
 * code is 1.
 */
export async function callApi(
  asked: string | undefined,
  { env, complain }: CommandContext,
  work: (api: Api) => Promise<number>,
): Promise<number> {
  const connected = connect(asked, env);
  if (!connected.ok) {
    complain(connected.why);
    return 1;
  }
  try {
    return await work(apiOf(connected.connection));
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    complain(formatFailure(error, connected.connection.url));
    return 1;
  }
}

function apiOf({ url, token }: Connection): Api {
  const transport = createConnectTransport({
    baseUrl: url,
    useBinaryFormat: true,
    defaultTimeoutMs: TIMEOUT_MS,
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
  return { url, alerting: createClient(AlertingService, transport), silences: createClient(SilenceService, transport) };
}

/** Says why a call failed, and what to do. */
function formatFailure(error: ConnectError, url: string): string {
  const { code, rawMessage, cause } = error;
  if (cause instanceof TypeError) {
    const why = (cause.cause as { code?: string } | undefined)?.code ?? cause.message;
    return `Cannot reach ${url} (${cleanLine(why)}). Is it running? Name another installation with --url or ZAKO_WATCH_URL.`;
  }
  if (code === Code.DeadlineExceeded)
    return `${url} did not answer within ${TIMEOUT_MS / 1000} s. Try again, or check ${url}/healthz.`;
  if (/^HTTP \d+$/.test(rawMessage))
    return `${url} is not a zako-watch installation (${rawMessage}). Name another one with --url or ZAKO_WATCH_URL.`;
  const said = cleanLines(rawMessage);
  if (code !== Code.Unauthenticated) return said;
  return `${url} rejected the admin token. ${said} Commands read it from ADMIN_TOKEN in the environment.`;
}
