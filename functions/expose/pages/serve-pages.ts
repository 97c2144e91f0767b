import type { Context, Hono } from "hono";
import { maintenanceLabels, type PlannedWork } from "../../model/alerting/maintenance.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { activeMaintenance } from "../../notify/policy/windows/maintenance.ts";
import { targetUptime } from "../api/target-uptime.ts";
import { bearerOf } from "../auth/bearer.ts";
import type { Auth } from "../auth/create-auth.ts";
import { judgeHealth, type MonitorHealth } from "../judge-health.ts";
import { fillable, refuse } from "../refuse.ts";
import { ACKNOWLEDGE_PATH, renderAcknowledgeForm, typedAcknowledgement } from "./acknowledge-form.ts";
import { renderAlertsPage } from "./alerts-page.ts";
import { drawChart } from "./charts/draw-chart.tsx";
import { type ChartPorts, readChart } from "./charts/read-chart.ts";
import { type ChartRange, rangeNamed } from "./charts/target-chart.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { readForm } from "./read-form.ts";
import { judgeReader, type ReaderPorts, renderTokenForm } from "./reader-gate.ts";
import { linkedSilence } from "./silence-draft.ts";
import { renderSilenceForm, SILENCE_FORM_PATH } from "./silence-form.ts";
import { asked, type FormPorts, type ShownPage, takeAcknowledgement, takeSilence } from "./take-form.ts";
import { renderTargetPage } from "./target-page.ts";
import { viewTarget } from "./target-view.ts";
import { renderPlaces, viewPlaces } from "./vantage-places.ts";

/** What the pages need. */
export interface PagePorts extends ReaderPorts, FormPorts, ChartPorts {
  /** All numbers of a target, from the shard that it belongs to; undefined where its Monitor does not answer. */
  ofTarget(target: string): Promise<Snapshot | undefined>;
  health(): Promise<readonly (MonitorHealth | undefined)[]>;
  gridMs: number;
  /** Maintenance of the configuration. */
  planned: PlannedWork;
}

/** The pages that messages link to: HTML without scripts, and forms that post to themselves. */
export function servePages(app: Hono, ports: PagePorts, auth: Auth): void {
  forReaders(app, "/alerts", ports, auth, (_, people) => showAlerts(ports, people));
  forReaders(app, "/targets/:name", ports, auth, (c, people) =>
    showTarget(ports, c.req.param("name") ?? "", people, rangeNamed(c.req.query("range"))),
  );
  forAdmins(
    app,
    SILENCE_FORM_PATH,
    (fields) => renderSilenceForm(linkedSilence(fields)),
    (fields, headers) => takeSilence(ports, fields, { auth, headers }),
  );
  forAdmins(
    app,
    ACKNOWLEDGE_PATH,
    (fields) => renderAcknowledgeForm(typedAcknowledgement(fields)),
    (fields, headers) => takeAcknowledgement(ports, fields, { auth, headers }),
  );
}

/** A form that anybody may open: it shows only what the link contains. */
function forAdmins(
  app: Hono,
  path: string,
  show: (fields: URLSearchParams) => Promise<HtmlPage>,
  take: (fields: URLSearchParams, headers: Headers) => Promise<ShownPage>,
): void {
  fillable(
    app,
    path,
    (c) => answer(c, { status: 200, page: show(new URL(c.req.url).searchParams) }),
    async (c) => {
      const form = await readForm(c);
      return form.ok ? answer(c, await take(form.fields, c.req.raw.headers)) : refuse(c, form.status, form.error);
    },
  );
}

/**
 * A page behind the reader token, which is a bearer token or is typed into a form and posted. The token is not kept in a
 * cookie, so another site cannot make a browser send it.
 */
function forReaders(
  app: Hono,
  path: string,
  ports: PagePorts,
  auth: Auth,
  show: (c: Context, people: boolean) => Promise<ShownPage>,
): void {
  const judged = async (c: Context, token: string | undefined): Promise<Response> => {
    const access = await judgeReader(token, c.req.raw.headers, ports, auth);
    if (access.sees !== "nothing") return answer(c, await show(c, access.sees === "all"));
    const page = renderTokenForm(new URL(c.req.url).pathname, access.why);
    return answer(c, { status: 401, page });
  };
  fillable(
    app,
    path,
    (c) => judged(c, bearerOf(c.req.header("authorization"))),
    async (c) => {
      const form = await readForm(c);
      return form.ok ? judged(c, form.fields.get("token") ?? "") : refuse(c, form.status, form.error);
    },
  );
}

async function showAlerts(ports: PagePorts, people: boolean): Promise<ShownPage> {
  const answers = await asked(ports, () => Promise.all([ports.alerting.alerts("firing"), ports.alerting.silences()]));
  if (answers === undefined) {
    const words = "<p>The Alerter did not answer. Try again, and check the Worker's logs.</p>";
    return { status: 503, page: htmlPage("Firing alerts unknown", words) };
  }
  const [alerts, silences] = answers;
  const { planned } = ports;
  return { status: 200, page: renderAlertsPage({ alerts, silences, planned, people, now: ports.now() }) };
}

async function showTarget(ports: PagePorts, target: string, people: boolean, range: ChartRange): Promise<ShownPage> {
  const [numbers, health, answers, shownChart] = await Promise.all([
    ports.ofTarget(target),
    ports.health(),
    asked(ports, () =>
      Promise.all([ports.alerting.alerts("firing"), ports.alerting.incidents(), ports.alerting.silences()]),
    ),
    readChart(ports, target, range),
  ]);
  const view = viewTarget(numbers, target);
  const now = ports.now();
  const { planned } = ports;
  const maintenance = activeMaintenance(planned.windows, maintenanceLabels(planned, target), now);
  const alertsPart = answers && {
    alerts: answers[0].filter(({ labels }) => labels["target"] === target),
    incidents: answers[1].filter((incident) => incident.target === target && incident.state === "down"),
    uptime:
      view && targetUptime(target, view.countedSince, { incidents: answers[1], silences: answers[2], planned, now }),
  };
  const charts = await drawChart(shownChart, `/targets/${encodeURIComponent(target.toWellFormed())}`);
  const places = renderPlaces(numbers === undefined ? [] : viewPlaces(numbers));
  const isKnown = view !== undefined || (alertsPart && alertsPart.alerts.length + alertsPart.incidents.length > 0);
  const { status, why } = judgeHealth(health, ports.gridMs, now);
  const trouble = status === "ok" || status === "starting" ? undefined : why;
  return {
    // The targets of a Monitor that did not answer are not known.
    status: isKnown ? 200 : numbers === undefined ? 503 : 404,
    page: renderTargetPage({ target, view, maintenance, alertsPart, charts, places, trouble, people, now }),
  };
}

async function answer(c: Context, { status, page }: ShownPage): Promise<Response> {
  const { html, policy } = await page;
  const headers = { "content-security-policy": policy, "cache-control": "no-store" };
  const challenge = status === 401 ? { "www-authenticate": 'Bearer realm="zako-watch"' } : {};
  return c.html(html, status, { ...headers, ...challenge });
}
