import type { Matcher } from "../../model/alerting/matcher.ts";
import { parseMatchers, printMatchers } from "../../model/alerting/parse-matchers.ts";
import type { Route } from "../../model/alerting/route.ts";
import { DEFAULT_NOTIFY } from "../../notify/policy/default-notify.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { suggestion } from "../suggest.ts";
import { checkLabels, checkMatchers } from "./check-matchers.ts";
import type { LabelValues } from "./label-values.ts";
import type { ReadRoute } from "./notify-section.ts";

/** What routes may name, and the receivers that somebody has named so far. */
export interface Names {
  receivers: readonly string[];
  intervals: readonly string[];
  used: Set<string>;
  /** What alerts there can be, for matchers that nothing could match. */
  labels: LabelValues;
  /** Takes what nothing could match: issues, but for an override, whose targets and rules differ from what `notify` is for. */
  doubts: Issue[];
}

const PATH = ["notify", "route"] as const;

/** The routing tree with what each route inherits filled in. */
export function compileRoutes(found: ReadRoute | undefined, names: Names, issues: Issue[]): Route {
  const [only] = names.receivers;
  if (found?.receiver === undefined && names.receivers.length !== 1)
    issues.push({
      path: [...PATH, "receiver"],
      message:
        names.receivers.length === 0
          ? "is missing, and there are no receivers; add one under `receivers`"
          : `is missing. Give the receiver of alerts that no other route matches${suggestion("", names.receivers)}`,
    });
  const base: Route = { ...DEFAULT_NOTIFY.policy.route, receiver: only ?? "" };
  return compileRoute(found ?? {}, base, PATH, names, issues, [], []);
}

function compileRoute(
  found: ReadRoute,
  parent: Route,
  path: Path,
  names: Names,
  issues: Issue[],
  own: readonly Matcher[],
  around: readonly Matcher[],
): Route {
  const receiver = found.receiver ?? parent.receiver;
  if (found.receiver !== undefined)
    unknownName("receiver", found.receiver, names.receivers, [...path, "receiver"], issues);
  names.used.add(receiver);
  const mutes = (found.mute ?? []).flatMap((name) => name ?? []);
  for (const [i, name] of mutes.entries()) unknownName("interval", name, names.intervals, [...path, "mute", i], issues);
  const active = compileActive(found, [...path, "active_intervals"], names, issues);
  const groupBy = found.group_by?.flatMap((name) => name ?? []) ?? parent.groupBy;
  if (found.group_by !== undefined && groupBy.includes("...") && groupBy.length > 1)
    issues.push({
      path: [...path, "group_by"],
      message: "has `...` beside other labels; `...` means all labels, so give it alone",
    });
  checkLabels(found.group_by, [...path, "group_by"], names.labels, "so it groups nothing", names.doubts);
  const repeatIntervalMs = found.repeat_interval ?? parent.repeatIntervalMs;
  const route: Route = {
    key: own.length === 0 && path.length === PATH.length ? "{}" : `${parent.key}/${printMatchers(own)}`,
    matchers: own,
    receiver,
    groupBy,
    groupWaitMs: found.group_wait ?? parent.groupWaitMs,
    groupIntervalMs: found.group_interval ?? parent.groupIntervalMs,
    ...(repeatIntervalMs === undefined ? {} : { repeatIntervalMs }),
    // As in Alertmanager, windows and `continue` are a route's own.
    muteIntervals: mutes,
    activeIntervals: active,
    continue: found.continue ?? false,
    routes: [],
  };
  const routes = (found.routes ?? []).flatMap((inner, i) => {
    const at = [...path, "routes", i];
    if (inner === undefined) return [];
    const matchers = readMatchers(inner.match, [...at, "match"], issues) ?? [];
    const outer = [...around, ...own];
    checkMatchers(matchers, outer, [...at, "match"], names.labels, names.doubts);
    return compileRoute(inner, route, at, names, issues, matchers, outer);
  });
  return { ...route, routes };
}

function compileActive(
  { active_intervals: found }: ReadRoute,
  path: Path,
  names: Pick<Names, "intervals">,
  issues: Issue[],
): string[] {
  if (found?.length === 0)
    issues.push({ path, message: "is empty, so the route would never notify; name an interval, or remove the key" });
  const active = (found ?? []).flatMap((name) => name ?? []);
  for (const [i, name] of active.entries()) unknownName("interval", name, names.intervals, [...path, i], issues);
  return active;
}

/** Reads matchers that are written as one text or several; undefined where there are none to read. */
export function readMatchers(
  written: string | (string | undefined)[] | undefined,
  path: Path,
  issues: Issue[],
): Matcher[] | undefined {
  if (written === undefined) return undefined;
  const isList = Array.isArray(written);
  const texts = isList ? written : [written];
  const all = texts.flatMap((text, i): Matcher[] => {
    const parsed = parseMatchers(text ?? "");
    const at = isList ? [...path, i] : path;
    if (parsed.ok && parsed.matchers.length > 0) return [...parsed.matchers];
    issues.push({
      path: at,
      message: parsed.ok
        ? `${show(text, at)} has no matcher; give one such as team="build"`
        : `cannot be read: ${parsed.problem}`,
    });
    return [];
  });
  if (texts.length === 0) issues.push({ path, message: 'is an empty list; give a matcher such as team="build"' });
  return all;
}

/** Adds an issue where a name is none of those that are known. */
export function unknownName(
  what: "receiver" | "interval",
  name: string,
  known: readonly string[],
  path: Path,
  issues: Issue[],
): void {
  if (known.includes(name)) return;
  const choice = known.length === 0 ? `; add it under \`${what}s\`` : suggestion(name, known);
  issues.push({ path, message: `${show(name, path)} is not defined under \`${what}s\`${choice}` });
}
