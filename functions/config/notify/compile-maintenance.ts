import type { Maintenance } from "../../model/alerting/maintenance.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import { printMatchers } from "../../model/alerting/parse-matchers.ts";
import type { Target } from "../../model/probing/target.ts";
import { isAbout } from "../../notify/policy/windows/maintenance.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { suggestion } from "../suggest.ts";
import { readMatchers } from "./compile-route.ts";
import type { ReadMaintenance } from "./maintenance-section.ts";
import { compileInterval } from "./time-interval-section.ts";

type Targets = readonly Pick<Target, "name" | "labels">[];

/** Compiles the `maintenance` section; what is wrong with it is added to the issues, and what matches no target to the doubts. */
export function compileMaintenance(
  found: readonly (ReadMaintenance | undefined)[],
  targets: Targets,
  issues: Issue[],
  doubts: Issue[],
): Maintenance[] {
  const seen = new Set<string>();
  return found.flatMap((one, i) => {
    const path = ["maintenance", i];
    if (one === undefined) return [];
    const { name, intervals: spans, starts_at: startsAt, ends_at: endsAt } = one;
    const matchers = readMatchers(one.match, [...path, "match"], issues) ?? [];
    checkTargets(matchers, [...path, "match"], targets, doubts);
    if (name !== undefined && seen.has(name))
      issues.push({
        path: [...path, "name"],
        message: `${show(name, path)} is already the name of another maintenance; give each its own name`,
      });
    if (name !== undefined) seen.add(name);
    checkTimes(one, path, issues);
    const interval = compileInterval(name ?? "", spans ?? [{}], [...path, "intervals"], issues);
    if (name === undefined) return [];
    return [
      {
        name,
        matchers,
        interval,
        ...(startsAt === undefined ? {} : { startsAt }),
        ...(endsAt === undefined ? {} : { endsAt }),
      },
    ];
  });
}

/** It must not last for ever: then the targets would not be watched at all. */
function checkTimes({ intervals, starts_at, ends_at }: ReadMaintenance, path: Path, issues: Issue[]): void {
  if (starts_at !== undefined && ends_at !== undefined && starts_at >= ends_at)
    issues.push({ path: [...path, "ends_at"], message: "is not after `starts_at`" });
  // What could not be read has been spoken of.
  const isRead = (...keys: (string | number)[]): boolean =>
    !issues.some((issue) => [...path, ...keys].every((part, at) => issue.path[at] === part));
  const isBounded = starts_at !== undefined && ends_at !== undefined;
  if (intervals === undefined && !isBounded && ["intervals", "starts_at", "ends_at"].every((key) => isRead(key)))
    issues.push({ path, message: "has no time; give `intervals`, or both `starts_at` and `ends_at`" });
  for (const [i, { location: _, ...fields } = {}] of (intervals ?? []).entries())
    if (ends_at === undefined && isRead("intervals", i) && Object.values(fields).every((field) => field === undefined))
      issues.push({
        path: [...path, "intervals", i],
        message: "holds always, so nobody would ever be notified; give days or times, or `ends_at`",
      });
}

/** Maintenance is about whole targets: a matcher on anything else would leave time out of uptime by an alert's labels. */
function checkTargets(matchers: readonly Matcher[], path: Path, targets: Targets, doubts: Issue[]): void {
  const known = ["target", ...new Set(targets.flatMap(({ labels }) => Object.keys(labels)))];
  const odd = matchers.find(({ name }) => !known.includes(name));
  if (odd !== undefined)
    doubts.push({
      path,
      message: `${show(odd.name, path)} is not a label of a target${suggestion(odd.name, known)}`,
    });
  else if (matchers.length > 0 && targets.length > 0 && !targets.some((one) => isAbout({ matchers }, labelsOf(one))))
    doubts.push({
      path,
      message: `${show(printMatchers(matchers), path)} matches no target${matchers.length === 1 ? nearTarget(matchers[0], targets) : "; correct it, or remove the maintenance"}`,
    });
}

const labelsOf = ({ name, labels }: Targets[number]) => ({ ...labels, target: name });

const nearTarget = (matcher: Matcher | undefined, targets: Targets): string =>
  suggestion(
    matcher?.value ?? "",
    matcher?.name === "target"
      ? targets.slice(0, 20).map(({ name }) => name)
      : [...new Set(targets.flatMap(({ labels }) => labels[matcher?.name ?? ""] ?? []))].slice(0, 20),
  );
