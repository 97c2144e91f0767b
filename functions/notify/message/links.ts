import type { AlertLabels } from "../../model/alerting/alert.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import { printMatchers } from "../../model/alerting/parse-matchers.ts";

/** What Slack takes as a button's address, the shortest limit of all channels. */
const LONGEST_LINK = 3_000;

/** An untrusted text as a safe link: http or https, without credentials; undefined otherwise. */
export function safeLink(text: string | undefined): string | undefined {
  const url = URL.parse(text ?? "");
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  // The parser leaves these as they are, and markup ends a link at them.
  const link = url.href.replace(/[|'<>"]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return link.length > LONGEST_LINK ? undefined : link;
}

/** The page of a target, or the start page where the alert has none. */
export function targetLink(externalUrl: string, labels: AlertLabels): string | undefined {
  const { target } = labels;
  const path = target === undefined ? "" : `/targets/${encodeURIComponent(target.toWellFormed())}`;
  return safeLink(`${externalUrl}${path}`);
}

/**
 * The page that makes a silence for exactly these labels, filled in: `/silences/new?matchers={...}`. Where that is too
 * long for a link, for the alert's name and target.
 */
export function silenceLink(externalUrl: string, labels: AlertLabels): string | undefined {
  const linkFor = (names: readonly string[]): string | undefined => {
    const matchers = names.flatMap((name): Matcher[] => {
      const value = labels[name] ?? "";
      return value === "" ? [] : [{ name, op: "=", value: value.toWellFormed() }];
    });
    if (matchers.length === 0) return undefined;
    return safeLink(`${externalUrl}/silences/new?matchers=${encodeURIComponent(printMatchers(matchers))}`);
  };
  return linkFor(Object.keys(labels).sort()) ?? linkFor(["alertname", "target"]);
}
