import type { ServerResponse } from "node:http";
import { CHANNELS, type ReceiverChannel } from "./channels.ts";

/** Ways to be a bad receiver, with what each does. */
export const FAULTS = {
  status: "Answers `status` (500) and, where it is given, `retryAfter` as `Retry-After`. Takes nothing.",
  redirect: "Answers 302 to another place.",
  hang: "Takes the message and never answers.",
  reset: "Takes the message, then resets the connection.",
  refuse: "Resets the connection before it has read the message.",
  garbage: "Takes the message and answers what is not HTTP.",
  cut: "Takes the message and breaks off within the answer's body.",
  endless: "Takes the message and answers without end.",
} as const;
export type FaultName = keyof typeof FAULTS;

export interface ReceiverFault {
  name: FaultName;
  /** Of the answer; default 500. */
  status?: number;
  retryAfter?: string;
  /** The only receiver that it acts on. */
  channel?: ReceiverChannel;
  /** How many more posts it acts on. */
  times?: number;
}

/** What was asked for is not a fault: in words for the caller. */
export class FaultError extends Error {}

const KEYS = ["name", "status", "retryAfter", "channel", "times"];

/** Reads a fault that somebody asks for. Throws a FaultError that says what is wrong. */
export function readFault(value: unknown): ReceiverFault {
  if (typeof value !== "object" || value === null)
    throw new FaultError('A fault is an object, such as {"name": "hang"}.');
  const fault = value as Record<string, unknown>;
  for (const key of Object.keys(fault))
    if (!KEYS.includes(key)) throw new FaultError(`A fault has no field \`${key}\`; it has ${KEYS.join(", ")}.`);
  if (!Object.hasOwn(FAULTS, String(fault["name"])))
    throw new FaultError(
      `\`name\` is ${JSON.stringify(fault["name"])}; it must be one of ${Object.keys(FAULTS).join(", ")}.`,
    );
  if (fault["channel"] !== undefined && !CHANNELS.includes(fault["channel"] as ReceiverChannel))
    throw new FaultError(
      `\`channel\` is ${JSON.stringify(fault["channel"])}; it must be one of ${CHANNELS.join(", ")}.`,
    );
  for (const [key, least, most] of [
    ["status", 200, 599],
    ["times", 1, 1_000_000],
  ] as const) {
    const given = fault[key];
    if (given !== undefined && !(Number.isInteger(given) && Number(given) >= least && Number(given) <= most))
      throw new FaultError(
        `\`${key}\` is ${JSON.stringify(given)}; it must be a whole number from ${least} to ${most}.`,
      );
  }
  if (fault["retryAfter"] !== undefined && !/^[\x20-\x7e]+$/.test(String(fault["retryAfter"])))
    throw new FaultError("`retryAfter` must be the text of a header.");
  return value as ReceiverFault;
}

/** The fault that a post's own address asks for: `?fail=500`, `?fail=429&retry-after=5`, `?fail=hang`. */
export function faultOfQuery(query: URLSearchParams): ReceiverFault | undefined {
  const fail = query.get("fail");
  if (fail === null) return undefined;
  const retryAfter = query.get("retry-after");
  if (!/^\d+$/.test(fail)) return readFault({ name: fail });
  return readFault({ name: "status", status: Number(fail), ...(retryAfter === null ? {} : { retryAfter }) });
}

/** Whether the message is taken before the fault shows. */
export const takesFirst = ({ name }: ReceiverFault): boolean => !["status", "redirect", "refuse"].includes(name);

/** Answers badly. */
export function answerBadly(fault: ReceiverFault, response: ServerResponse): void {
  const { socket } = response;
  switch (fault.name) {
    case "status":
      response.writeHead(
        fault.status ?? 500,
        fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter },
      );
      response.end("a fault\n");
      return;
    case "redirect":
      response.writeHead(302, { location: "/elsewhere" }).end();
      return;
    case "hang":
      return;
    case "reset":
    case "refuse":
      socket?.resetAndDestroy();
      return;
    case "garbage":
      socket?.end("this is not HTTP\r\n\r\n");
      return;
    case "cut":
      response.writeHead(200, { "content-length": "100" });
      response.write("o", () => socket?.resetAndDestroy());
      return;
    case "endless": {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write("o".repeat(1_024)));
      };
      response.on("drain", more);
      more();
    }
  }
}
