import { escapeHtml } from "../../lib/escape-html.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import { formatEvidence } from "../../notify/message/format-evidence.ts";
import { formatCause } from "../../notify/message/format-reason.ts";
import { silenceLink } from "../../notify/message/links.ts";
import { formatWhy } from "../../notify/policy/format-why.ts";
import { DRILL_LABEL } from "../../notify/policy/group.ts";
import type { ActiveAlert } from "../api/alerting-port.ts";
import { RUNBOOKS } from "../runbooks/registry.ts";

/** An alert as a page shows it. Names and comments of people are included only where the reader may see them. */
export interface AlertLine {
  name: string;
  severity: string;
  target: string | undefined;
  /** `name="value"` of its further labels. */
  about: readonly string[];
  /** Summary and description of the rule. */
  words: readonly string[];
  fingerprint: string;
  /** Reason, vantages and last success, from the probe runs. */
  cause: readonly string[];
  /** What failed in those runs and what to do; the servers' own words only where the reader may see them. */
  evidence: readonly string[];
  /** Epoch ms. */
  since: number;
  notified: readonly string[];
  suppressed: readonly string[];
  acknowledged: string | undefined;
  /** Paths on this installation. */
  silence: string | undefined;
  runbook: string | undefined;
}

const OWN_PLACE = new Set(["alertname", "severity", "target", "pager"]);

/** Evidence that anybody may read: our own words. Servers may put paths and names of theirs into their words. */
const PUBLIC_EVIDENCE: ReadonlySet<string> = new Set(["Failing step", "Hint"]);

/**
 * Alerts for a page. With `people` false, names and comments of people, and the servers' own words, are left out. `now`:
 * epoch ms.
 */
export const alertLines = (alerts: readonly ActiveAlert[], people: boolean, now: number): AlertLine[] =>
  alerts.map((alert): AlertLine => {
    const { fingerprint, labels, annotations, evidence, startsAt, notified, suppressed, acknowledgement } = alert;
    const { alertname: name = "", severity = "", target } = labels;
    const { summary, description } = annotations;
    const isDrill = labels[DRILL_LABEL] !== undefined;
    const shown = [summary, people || !isDrill ? description : undefined];
    const runbook = RUNBOOKS.find((one) => one.alerts.includes(name));
    return {
      name,
      severity,
      target,
      about: Object.entries(labels)
        .filter(([label]) => !OWN_PLACE.has(label))
        .map(([label, value]) => `${label}=${JSON.stringify(value)}`),
      words: shown.flatMap((text) => (text === undefined ? [] : [text])),
      fingerprint,
      cause: formatCause(annotations, now),
      evidence: formatEvidence(evidence).flatMap(([what, text]) =>
        people || PUBLIC_EVIDENCE.has(what) ? [`${what}: ${text}`] : [],
      ),
      since: startsAt,
      notified,
      suppressed: suppressed.map(({ receiver, why, until }) => {
        const said = people ? why : why.replace(/^acknowledged by .*$/s, "acknowledged");
        return `${receiver}: ${formatWhy(said, until)}`;
      }),
      acknowledged: acknowledgement && (people ? spellAcknowledgement(acknowledgement) : "acknowledged"),
      silence: silenceLink(ANY_ORIGIN, labels)?.slice(ANY_ORIGIN.length),
      runbook: runbook && `/runbooks/${runbook.slug}`,
    };
  });

/** `silenceLink` needs an origin; pages use the path only. */
const ANY_ORIGIN = "https://here.invalid";

const spellAcknowledgement = ({ by, comment }: { by: string; comment: string }): string =>
  `acknowledged by ${by}${comment === "" ? "" : `: ${comment}`}`;

/** Alerts as HTML at `now` (epoch ms). `on`: the target whose page this is. */
export const renderAlerts = (lines: readonly AlertLine[], now: number, on?: string): string =>
  lines
    .map((line) => {
      const links = [
        ...(line.acknowledged === undefined
          ? [
              `<a href="/alerts/acknowledge?fingerprint=${escapeHtml(encodeURIComponent(line.fingerprint))}">Acknowledge</a>`,
            ]
          : []),
        ...(line.silence === undefined ? [] : [`<a href="${escapeHtml(line.silence)}">Silence</a>`]),
        ...(line.runbook === undefined ? [] : [`<a href="${escapeHtml(line.runbook)}">Runbook</a>`]),
      ];
      const notified =
        line.notified.length === 0 ? "No receiver was notified." : `Notified: ${line.notified.join(", ")}.`;
      const facts = [
        ...line.cause.map(sentence),
        ...line.evidence.map(sentence),
        `Since ${spellTime(line.since)} (${spellDuration(now - line.since)}).`,
        ...(line.acknowledged === undefined ? [] : [`${sentence(line.acknowledged)}`]),
        notified,
        ...(line.suppressed.length === 0 ? [] : [`Not notified: ${line.suppressed.join("; ")}.`]),
        `Fingerprint ${line.fingerprint}.`,
      ];
      return (
        `<article><h2>${escapeHtml(line.name)}${line.severity === "" ? "" : ` (${escapeHtml(line.severity)})`}</h2>` +
        `<p>${line.target === undefined || line.target === on ? "" : `${targetAnchor(line.target)} `}${line.about.map((label) => `<code>${escapeHtml(label)}</code>`).join(" ")}</p>` +
        `<p>${escapeHtml(line.words.join(" "))}</p><p>${facts.map(escapeHtml).join("<br>")}</p><p>${links.join(" &middot; ")}</p></article>`
      );
    })
    .join("");

/** A link to the page of a target. */
const targetAnchor = (target: string): string =>
  `<a href="/targets/${escapeHtml(encodeURIComponent(target.toWellFormed()))}">${escapeHtml(target)}</a>`;

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
