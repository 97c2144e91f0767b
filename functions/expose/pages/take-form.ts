import type { ContentfulStatusCode } from "hono/utils/http-status";
import { acknowledgeAlert, acknowledgementIssues } from "../api/acknowledge-alert.ts";
import { addSilence } from "../api/add-silence.ts";
import type { AlertingPort } from "../api/alerting-port.ts";
import type { FieldIssue } from "../api/field-issue.ts";
import { readSilence } from "../api/read-silence.ts";
import { checkCaller, howToSet, slowRefusal } from "../auth/bearer.ts";
import type { Auth } from "../auth/create-auth.ts";
import { renderAcknowledged, renderAcknowledgeForm, typedAcknowledgement } from "./acknowledge-form.ts";
import type { HtmlPage } from "./html-page.ts";
import { draftOf, formIssue, typedSilence } from "./silence-draft.ts";
import { renderAddedSilence, renderSilenceForm } from "./silence-form.ts";

/** What the forms need. */
export interface FormPorts {
  alerting: AlertingPort;
  /** Epoch ms. */
  now(): number;
  report(error: unknown): void;
}

/** A page and its status. */
export interface ShownPage {
  status: ContentfulStatusCode;
  page: Promise<HtmlPage>;
}

/** Who posted a form. */
export interface PostedBy {
  auth: Auth;
  headers: Headers;
}

/** The form again after an error, with everything that was typed except the token. */
type Again = (issues: readonly FieldIssue[]) => Promise<HtmlPage>;

/** Adds the silence that was posted. */
export async function takeSilence(ports: FormPorts, fields: URLSearchParams, by: PostedBy): Promise<ShownPage> {
  const typed = typedSilence(fields);
  const now = ports.now();
  const draft = draftOf(typed, now);
  const again: Again = (issues) => renderSilenceForm(typed, issues);
  const formIssues = (issues: readonly FieldIssue[]): FieldIssue[] => issues.map((issue) => formIssue(issue, typed));
  const tokenIssue = await adminIssue(by, fields);
  if (tokenIssue !== undefined) {
    const read = readSilence(draft, now);
    return { status: 401, page: again([tokenIssue, ...(read.ok ? [] : formIssues(read.issues))]) };
  }
  const added = await asked(ports, () => addSilence(ports.alerting, draft, now));
  if (added === undefined) return { status: 503, page: again([NO_ANSWER]) };
  if (!added.ok) return { status: 400, page: again(formIssues(added.issues)) };
  return { status: 200, page: renderAddedSilence(added.value) };
}

const STATUSES = { invalid: 400, unknown: 404, ended: 409 } as const;

/** Acknowledges the alert that was posted. */
export async function takeAcknowledgement(ports: FormPorts, fields: URLSearchParams, by: PostedBy): Promise<ShownPage> {
  const draft = typedAcknowledgement(fields);
  const again: Again = (issues) => renderAcknowledgeForm(draft, issues);
  const tokenIssue = await adminIssue(by, fields);
  if (tokenIssue !== undefined) return { status: 401, page: again([tokenIssue, ...acknowledgementIssues(draft)]) };
  const now = ports.now();
  const taken = await asked(ports, () => acknowledgeAlert(ports.alerting, draft, now));
  if (taken === undefined) return { status: 503, page: again([NO_ANSWER]) };
  if (!taken.ok) return { status: STATUSES[taken.why], page: again(taken.issues) };
  return { status: 200, page: renderAcknowledged(taken.alert, now) };
}

const NO_ANSWER: FieldIssue = {
  field: "Alerter",
  problem: "It did not answer, so the change may or may not have been made. Check /alerts, then try again.",
};

/**
 * What is wrong with the admin token that was posted, if anything. It is typed into every form and never kept in a cookie,
 * so another site that makes a browser post here has no token.
 */
async function adminIssue({ auth, headers }: PostedBy, fields: URLSearchParams): Promise<FieldIssue | undefined> {
  const guard = auth.admin();
  const verdict = await checkCaller({ route: "pages", headers }, fields.get("token") ?? "", [guard], auth.gate);
  if (verdict.said === "passes") return undefined;
  if (verdict.said === "slowed") return { field: "Admin token", problem: slowRefusal(verdict).message };
  const words = {
    closed: `Changes are disabled: ${howToSet(guard)}`,
    absent: "It is empty. Give the value of ADMIN_TOKEN.",
    wrong: "It is not the value of ADMIN_TOKEN.",
  };
  return { field: "Admin token", problem: words[verdict.said] };
}

/** The Alerter's answer; undefined where it fails, and the error is reported. */
export async function asked<Answer>(
  ports: Pick<FormPorts, "report">,
  ask: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    ports.report(error);
    return undefined;
  }
}
