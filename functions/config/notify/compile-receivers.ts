import type { Endpoint, Receiver } from "../../model/alerting/receiver.ts";
import type { Channel } from "../../notify/channels/channel.ts";
import { CHANNELS } from "../../notify/channels/registry.ts";
import { fromZod, type Issue, type Path } from "../issue.ts";
import { checkUrl } from "../urls/url-policy.ts";
import type { ReadNotify } from "./notify-section.ts";

type Found = NonNullable<ReadNotify["receivers"]>;

const NAMES = CHANNELS.map(({ channel }) => channel).join(", ");

/** Receivers with the options of their channels; what is wrong with them is added to the issues. */
export function compileReceivers(found: Found | undefined, raw: unknown, local: boolean, issues: Issue[]): Receiver[] {
  const path = ["notify", "receivers"];
  if (found === undefined) return [];
  if (Object.keys(found).length === 0) issues.push({ path, message: "has no receivers; give at least one" });
  const given = (raw as { receivers?: Record<string, unknown[]> } | undefined)?.receivers ?? {};
  return Object.entries(found).map(([name, endpoints]) => {
    const at = [...path, name];
    if (endpoints?.length === 0)
      issues.push({
        path: at,
        message:
          "has no channel; give at least one, such as slack or email, or write `null` for a receiver that notifies nobody",
      });
    return {
      name,
      endpoints: (endpoints ?? []).flatMap((endpoint, i) => {
        const written = given[name]?.[i];
        if (endpoint === undefined || typeof written !== "object" || written === null) return [];
        return compileEndpoint(endpoint, written as Record<string, unknown>, [...at, i], local, issues) ?? [];
      }),
    };
  });
}

function compileEndpoint(
  found: Readonly<Record<string, unknown>>,
  written: Readonly<Record<string, unknown>>,
  path: Path,
  local: boolean,
  issues: Issue[],
): Endpoint | undefined {
  const [channel, ...more] = CHANNELS.filter((one) => written[one.channel] !== undefined);
  if (channel === undefined) {
    issues.push({ path, message: `has no channel; give one of ${NAMES} with its keys` });
    return undefined;
  }
  if (more.length > 0)
    issues.push({
      path,
      message: `has several channels (${[channel, ...more].map((one) => one.channel).join(", ")}); give each an entry of its own`,
    });
  const options = readOptions(channel, written[channel.channel], [...path, channel.channel], local, issues);
  if (options === undefined) return undefined;
  return { channel: channel.channel, options, sendResolved: found["send_resolved"] !== false };
}

/** Key by key it was read before, so that only what concerns several keys together can still be wrong. */
function readOptions(
  channel: Channel,
  written: unknown,
  path: Path,
  local: boolean,
  issues: Issue[],
): Readonly<Record<string, unknown>> | undefined {
  const parsed = channel.options.safeParse(written);
  if (!parsed.success) {
    const known = new Set(issues.map((issue) => JSON.stringify(issue.path)));
    const found = parsed.error.issues.flatMap((issue) => fromZod(issue, written, path));
    issues.push(...found.filter((issue) => !known.has(JSON.stringify(issue.path))));
    return undefined;
  }
  for (const [key, url] of Object.entries(channel.urls(parsed.data))) {
    const urlCheck = checkUrl(url, { local });
    if (!urlCheck.ok) issues.push({ path: [...path, key], message: `the URL ${urlCheck.problem}` });
  }
  return parsed.data as Record<string, unknown>;
}
