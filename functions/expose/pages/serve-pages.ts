import type { Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { addSilence } from "../alerting/add-silence.ts";
import type { AlertingPort } from "../alerting/alerting-port.ts";
import type { FieldIssue } from "../alerting/field-issue.ts";
import { readSilence } from "../alerting/read-silence.ts";
import { checkToken, howToSet } from "../bearer.ts";
import type { ExpositionSource } from "../exposition.ts";
import { type HtmlPage, htmlPage } from "../html-page.ts";
import { judgeHealth, type MonitorHealth } from "../judge-health.ts";
import { fillable, refuse } from "../refuse.ts";
import { renderAlertsPage } from "./alerts-page.ts";
import { readForm } from "./read-form.ts";
import { judgeReader, type ReaderPorts, renderTokenForm } from "./reader-gate.ts";
import { draftOf, formIssue, linkedSilence, typedSilence } from "./silence-draft.ts";
import { renderAddedSilence, renderSilenceForm, SILENCE_FORM_PATH } from "./silence-form.ts";
import { renderTargetPage } from "./target-page.ts";
import { viewTarget } from "./target-view.ts";

/** What the pages for a person on call are made of. */
export interface PagePorts extends ReaderPorts {
  alerting: AlertingPort;
  snapshots: ExpositionSource["snapshots"];
  health(): Promise<readonly (MonitorHealth | undefined)[]>;
  gridMs: number;
  /** Epoch ms. */
  now(): number;
  report(error: unknown): void;
}

/** A page and its status. */
interface Shown {
  status: ContentfulStatusCode;
  page: Promise<HtmlPage>;
}

/** The pages that messages link to: HTML without scripts, and forms that post to themselves. */
export function servePages(app: Hono, ports: PagePorts): void {
  forReaders(app, "/alerts", ports, (_, people) => showAlerts(ports, people));
  forReaders(app, "/targets/:name", ports, (c, people) => showTarget(ports, c.req.param("name") ?? "", people));
  fillable(
    app,
    SILENCE_FORM_PATH,
    (c) => answer(c, { status: 200, page: renderSilenceForm(linkedSilence(new URL(c.req.url).searchParams)) }),
    async (c) => {
      const form = await readForm(c);
      if (!form.ok) return refuse(c, form.status, form.error);
      return answer(c, await takeSilence(ports, form.fields));
    },
  );
}

/**
 * A page behind the readers' token, which comes as a bearer or is typed into a form and posted. The token is not kept in
 * a cookie, so there is nothing that a page of others could make a browser send along.
 */
function forReaders(
  app: Hono,
  path: string,
  ports: PagePorts,
  show: (c: Context, people: boolean) => Promise<Shown>,
): void {
  const judged = async (c: Context, token: string | undefined): Promise<Response> => {
    const reading = await judgeReader(token, ports);
    if (reading.sees !== "nothing") return answer(c, await show(c, reading.sees === "all"));
    const page = renderTokenForm(new URL(c.req.url).pathname, reading.why);
    return answer(c, { status: 401, page });
  };
  fillable(
    app,
    path,
    (c) => judged(c, /^bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1]),
    async (c) => {
      const form = await readForm(c);
      return form.ok ? judged(c, form.fields.get("token") ?? "") : refuse(c, form.status, form.error);
    },
  );
}

async function showAlerts(ports: PagePorts, people: boolean): Promise<Shown> {
  const answers = await asked(ports, () => Promise.all([ports.alerting.alerts("firing"), ports.alerting.silences()]));
  if (answers === undefined) {
    const words = "<p>The Alerter gave no answer. Try again, and see the Worker's logs.</p>";
    return { status: 503, page: htmlPage("What fires is not known", words) };
  }
  const [alerts, silences] = answers;
  return { status: 200, page: renderAlertsPage({ alerts, silences, people, now: ports.now() }) };
}

async function showTarget(ports: PagePorts, target: string, people: boolean): Promise<Shown> {
  const [snapshots, health, answers] = await Promise.all([
    ports.snapshots(),
    ports.health(),
    asked(ports, () => Promise.all([ports.alerting.alerts("firing"), ports.alerting.incidents()])),
  ]);
  const view = viewTarget(snapshots.shards, target);
  const now = ports.now();
  const told = answers && {
    alerts: answers[0].filter(({ labels }) => labels["target"] === target),
    incidents: answers[1].filter((incident) => incident.target === target),
  };
  const isKnown = view !== undefined || (told && told.alerts.length + told.incidents.length > 0);
  const { status, why } = judgeHealth(health, ports.gridMs, now);
  const trouble = status === "ok" || status === "starting" ? undefined : why;
  return {
    status: isKnown ? 200 : trouble === undefined ? 404 : 503,
    page: renderTargetPage({ target, view, told, trouble, people, now }),
  };
}

/** Nothing is lost by an error: the form comes back with all that was typed, except the token, which no page repeats. */
async function takeSilence(ports: PagePorts, fields: URLSearchParams): Promise<Shown> {
  const typed = typedSilence(fields);
  const guard = { binding: "ADMIN_TOKEN", secret: ports.adminToken() };
  // The token is typed into every form, and no cookie or such stands for it: a page of others has nothing to post with.
  const said = await checkToken(fields.get("token") ?? "", guard);
  const now = ports.now();
  const draft = draftOf(typed, now);
  const again = (status: ContentfulStatusCode, issues: readonly FieldIssue[]): Shown => ({
    status,
    page: renderSilenceForm(typed, issues),
  });
  if (said !== "passes") {
    const read = readSilence(draft, now);
    const words = {
      closed: `Nothing can be silenced here: ${howToSet(guard)}`,
      absent: "It is empty. Give the value of ADMIN_TOKEN.",
      wrong: "It is not the value of ADMIN_TOKEN.",
    };
    const others = read.ok ? [] : read.issues.map((issue) => formIssue(issue, typed));
    return again(401, [{ field: "Admin token", problem: words[said] }, ...others]);
  }
  const added = await asked(ports, () => addSilence(ports.alerting, draft, now));
  if (added === undefined) {
    const problem = "The Alerter gave no answer, so it may be silenced or not: look at /alerts, and try again.";
    return again(503, [{ field: "Silence", problem }]);
  }
  if (!added.ok) {
    const issues = added.issues.map((issue) => formIssue(issue, typed));
    return again(400, issues);
  }
  return { status: 200, page: renderAddedSilence(added.value) };
}

/** What the Alerter answers; undefined, and told to the log, where it fails. */
async function asked<Answer>(ports: PagePorts, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    ports.report(error);
    return undefined;
  }
}

async function answer(c: Context, { status, page }: Shown): Promise<Response> {
  const { html, policy } = await page;
  const headers = { "content-security-policy": policy, "cache-control": "no-store" };
  const challenge = status === 401 ? { "www-authenticate": 'Bearer realm="zako-watch"' } : {};
  return c.html(html, status, { ...headers, ...challenge });
}
