import { ownValue } from "../../lib/own-value.ts";
import { routeKey, transportAccess } from "../../model/origin-access.ts";
import type { Outside, ProbePlan, SecretHeader, Target } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { repeatedHeader, secretHeadersOf, sentTwice } from "../../probe/rpc/secret-header.ts";
import type { ReadTarget } from "../document.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { checkUrl, type Reach } from "../urls/url-policy.ts";
import type { Layer } from "./plan-probe.ts";

/** How a target is reached: its URLs, bindings, and the secrets that each origin gets. */
export type TargetAccess = Pick<
  Target,
  "casUrl" | "transportUrl" | "via" | "transportVia" | "headers" | "transportHeaders"
>;

function checkedUrl(text: string | undefined, path: Path, reach: Reach, issues: Issue[]): string | undefined {
  if (text === undefined) return undefined;
  const urlCheck = checkUrl(text, reach);
  if (urlCheck.ok) return urlCheck.url;
  // Whatever comes before an @ or after a ? may be a secret.
  const shown = /[@?#]/.test(text) ? "this URL (not shown, it may hold a secret)" : show(text, path);
  issues.push({ path, message: `${shown} ${urlCheck.problem}` });
  return undefined;
}

/** Compiles how a target is reached; undefined where a URL is missing or wrong. `raw`: the target as it was written. */
export function compileAccess(
  read: ReadTarget,
  raw: unknown,
  path: Path,
  local: boolean,
  issues: Issue[],
): TargetAccess | undefined {
  const { via, transport_via: ownVia, transport_headers: ownHeaders } = read;
  // A name that is wrong is said once, and not again as a URL that only a binding leads to.
  const hasVia = ownValue(raw, "via") !== undefined;
  const hasOwnVia = hasVia || ownValue(raw, "transport_via") !== undefined;
  const casUrl = checkedUrl(read.cas, [...path, "cas"], { local, via: hasVia }, issues);
  const ownUrl = checkedUrl(read.transport, [...path, "transport"], { local, via: hasOwnVia }, issues);
  const transportUrl = ownUrl ?? casUrl;
  const headers = secretHeadersOf(read);
  const transportHeaders = ownHeaders === undefined ? undefined : (secretHeadersOf({ headers: ownHeaders }) ?? []);
  checkRepeats(headers, path, issues);
  checkRepeats(transportHeaders, [...path, "transport_headers"], issues);
  if (casUrl === undefined || transportUrl === undefined) return undefined;
  const access: TargetAccess = {
    casUrl,
    transportUrl,
    ...(via === undefined ? {} : { via }),
    ...(ownVia === undefined || ownVia === via ? {} : { transportVia: ownVia }),
    ...(headers === undefined || headers.length === 0 ? {} : { headers }),
    ...(transportHeaders === undefined ? {} : { transportHeaders }),
  };
  if (transportHeaders !== undefined && !isApart(access))
    issues.push({
      path: [...path, "transport_headers"],
      message:
        "is for a Transport on another origin or behind another binding, and this one is reached as the CAS is; list its headers under `headers`",
    });
  return access;
}

function checkRepeats(headers: readonly SecretHeader[] | undefined, path: Path, issues: Issue[]): void {
  const twice = headers === undefined ? undefined : repeatedHeader(headers);
  if (twice !== undefined) issues.push({ path, message: sentTwice(twice) });
}

const isApart = (access: TargetAccess): boolean =>
  routeKey({ url: access.casUrl, via: access.via }) !==
  routeKey({ url: access.transportUrl, via: access.transportVia ?? access.via });

/** That the Transport gets none of the secrets, where nobody says that it shall. */
export function accessWarnings(target: Target, path: Path): Issue[] {
  const hasOwn = target.headers !== undefined && target.transportHeaders === undefined;
  if (!hasOwn || !isApart(target) || transportAccess(target).headers.length > 0) return [];
  return [
    {
      path,
      message: `the secrets of ${target.name} go to the CAS only, since its Transport is on another origin or behind another binding; list what the Transport needs under \`transport_headers\`, or set it to [] if it needs nothing`,
    },
  ];
}

/** The plan with the endpoint that it asks; its URL obeys the law of the target's own. */
export function withOutside(
  plan: ProbePlan,
  kind: ProbeKind,
  layers: readonly Layer[],
  target: Pick<TargetAccess, "casUrl" | "via"> | undefined,
  local: boolean,
  issues: Issue[],
): ProbePlan[] {
  if (kind.outside === undefined || target === undefined) return [plan];
  const outside = kind.outside(plan.options, target.casUrl);
  checkRepeats(outside.headers, layers.at(-1)?.path ?? [], issues);
  const here = layers.findLast(({ raw }) => ownValue(raw, "url") !== undefined)?.path;
  if (here === undefined) return [{ ...plan, outside }];
  const via = outside.via ?? (isOnOrigin(outside, target.casUrl) ? target.via : undefined);
  const url = checkedUrl(outside.url, [...here, "url"], { local, via: via !== undefined }, issues);
  return url === undefined ? [] : [{ ...plan, outside: { ...outside, url } }];
}

const isOnOrigin = ({ url }: Outside, casUrl: string): boolean => URL.parse(url)?.origin === new URL(casUrl).origin;
