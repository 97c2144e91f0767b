import { Problems } from "./problems.ts";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const KEYS = [
  ...["receiver", "status", "alerts", "groupLabels", "commonLabels", "commonAnnotations", "externalURL", "version"],
  ...["groupKey", "truncatedAlerts"],
];
const ALERT_KEYS = ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"];

/** Where a body differs from what Alertmanager 0.25 posts (version "4"): keys, types, forms. */
export function checkWebhook(body: unknown): string[] {
  const problems = new Problems();
  const message = exactly(problems, body, "body", KEYS);
  problems.text(message["receiver"], "receiver", 1_000);
  problems.text(message["groupKey"], "groupKey", Number.POSITIVE_INFINITY, 0);
  problems.text(message["externalURL"], "externalURL", 3_000);
  if (message["version"] !== "4") problems.add('version is not "4"');
  if (!Number.isInteger(message["truncatedAlerts"])) problems.add("truncatedAlerts is not a whole number");
  for (const key of ["groupLabels", "commonLabels", "commonAnnotations"]) texts(problems, message[key], key);
  const alerts = problems.items(message["alerts"], "alerts", 10_000).map((value) => checkAlert(problems, value));
  const firing = alerts.includes("firing");
  if (message["status"] !== (firing ? "firing" : "resolved")) problems.add("status differs from that of the alerts");
  return problems.list;
}

function checkAlert(problems: Problems, value: unknown): unknown {
  const alert = exactly(problems, value, "alert", ALERT_KEYS);
  texts(problems, alert["labels"], "labels");
  texts(problems, alert["annotations"], "annotations");
  for (const key of ["startsAt", "endsAt"])
    if (!TIME.test(problems.text(alert[key], key, 40))) problems.add(`${key} is not a time`);
  if ((alert["status"] === "firing") !== (alert["endsAt"] === "0001-01-01T00:00:00Z"))
    problems.add("endsAt and status do not agree");
  if (!/^[0-9a-f]{16}$/.test(String(alert["fingerprint"]))) problems.add("fingerprint is not 16 hex digits");
  if (typeof alert["generatorURL"] !== "string") problems.add("generatorURL is not a string");
  return alert["status"];
}

function exactly(problems: Problems, value: unknown, where: string, keys: readonly string[]): Record<string, unknown> {
  const object = problems.object(value, where, keys);
  for (const key of keys) if (!Object.hasOwn(object, key)) problems.add(`${where} has no key ${key}`);
  return object;
}

/** A map of texts with legal names, none of them empty. */
function texts(problems: Problems, value: unknown, where: string): void {
  for (const [name, text] of Object.entries(problems.object(value, where))) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) problems.add(`${where} has an illegal name`);
    problems.text(text, where, Number.POSITIVE_INFINITY);
  }
}
