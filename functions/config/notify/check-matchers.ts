import type { Matcher } from "../../model/alerting/matcher.ts";
import { matches } from "../../model/alerting/matches.ts";
import { printMatcher } from "../../model/alerting/parse-matchers.ts";
import { type Issue, type Path, show } from "../issue.ts";
import { CATALOGUE } from "../rules/catalogue.ts";
import { nearest } from "../suggest.ts";
import type { LabelValues } from "./label-values.ts";

/** A choice of more is not listed. */
const MOST_LISTED = 8;

/** What the values of a label are called. */
const NOUNS: Readonly<Record<string, string>> = {
  alertname: "the name of a rule",
  target: "the name of a target",
  severity: "a severity",
  probe: "a kind of probe",
  vantage: "a vantage of this configuration",
};

/**
 * Adds an issue for each matcher that no alert of the configuration can fulfil, or that asks for a label which none has.
 * `around`: matchers that an alert has to fulfil too, those of the routes around.
 */
export function checkMatchers(
  matchers: readonly Matcher[],
  around: readonly Matcher[],
  path: Path,
  labels: LabelValues,
  issues: Issue[],
): void {
  const wrong = new Set<string>();
  for (const matcher of matchers) {
    const problem = problemOf(matcher, labels, path);
    if (problem === undefined) continue;
    wrong.add(matcher.name);
    issues.push({ path, message: problem });
  }
  for (const name of new Set(matchers.map((one) => one.name))) {
    const values = labels.get(name);
    const all = [...around, ...matchers].filter((one) => one.name === name);
    if (wrong.has(name) || all.length < 2 || values === undefined || values === "any") continue;
    if (![...values].some((value) => all.every((one) => matches(one, { [name]: value }))))
      issues.push({
        path,
        message: `nothing can match ${all.map(printMatcher).join(" and ")}${all.length > matchers.length ? ", the routes around included" : ""}; remove one of them`,
      });
  }
}

/** Adds an issue for each label of a list that no alert has; `so` says what comes of it. */
export function checkLabels(
  names: readonly (string | undefined)[] | undefined,
  path: Path,
  labels: LabelValues,
  so: string,
  issues: Issue[],
): void {
  for (const [i, name] of (names ?? []).entries())
    if (name !== undefined && name !== "..." && !labels.has(name))
      issues.push({
        path: [...path, i],
        message: `${show(name, path)} is not a label of any alert, ${so}${hint(name, [...labels.keys()])}`,
      });
}

function problemOf(matcher: Matcher, labels: LabelValues, path: Path): string | undefined {
  const { name, op, value } = matcher;
  const values = labels.get(name);
  if (values === undefined) {
    const result = matches(matcher, {}) ? "every alert matches" : "nothing can match";
    return `${show(name, path)} is not a label of any alert, so ${result}${hint(name, [...labels.keys()])}`;
  }
  if (values !== "any" && [...values].some((one) => matches(matcher, { [name]: one }))) return undefined;
  const bare = withoutQuotes(value);
  if (bare !== undefined && op !== "!=" && op !== "!~")
    return `${show(value, path)} has quotes of its own, so nothing can match; write ${printMatcher({ ...matcher, value: bare })}`;
  if (values === "any") return undefined;
  const known = [...values].filter((one) => one !== "");
  if (op !== "=")
    return `no value of ${name} fulfils ${show(`${op}${value}`, path)}, so nothing can match${hint(value, known)}`;
  if (name === "alertname" && CATALOGUE.some((rule) => rule.name === value))
    return `${show(value, path)} is switched off under \`rules\`, so nothing can match; switch it on, or remove the matcher`;
  return `${show(value, path)} is not ${NOUNS[name] ?? `a value of ${name} that any alert has`}, so nothing can match${hint(value, known)}`;
}

/** The value that was probably meant where quotes around it became a part of it. */
function withoutQuotes(value: string): string | undefined {
  const bare = value.replace(/^["'`\u2018\u201c]+|["'`\u2019\u201d]+$/g, "");
  return bare === value || bare === "" ? undefined : bare;
}

function hint(written: string, known: readonly string[]): string {
  const near = nearest(written, known);
  if (near !== undefined) return `; did you mean "${near}"?`;
  if (known.length === 0) return "; remove the matcher";
  const more = known.length > MOST_LISTED ? ` and ${known.length - MOST_LISTED} more` : "";
  return `; choose from ${known.slice(0, MOST_LISTED).join(", ")}${more}`;
}
