import { spawn } from "node:child_process";

/** One check of an exposition by a tool that others wrote. */
export interface ExpositionCheck {
  name: string;
  ok: boolean;
  /** What the tool said; on success a summary. */
  detail: string;
}

const TEXT = "text/plain; version=0.0.4";
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

/** Reads OpenMetrics on stdin with Prometheus' own Python parser, the strictest one there is. */
const PYTHON = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = sys.stdin.buffer.read().decode("utf-8")
families = list(text_string_to_metric_families(text))
samples = [sample for family in families for sample in family.samples]
assert samples, "no samples"
exemplars = sum(1 for sample in samples if sample.exemplar)
print(f"{len(families)} families, {len(samples)} samples, {exemplars} exemplars")
`;

/**
 * Fetches `/metrics` of a running instance in both formats and has them judged: text by `promtool check metrics`
 * (Debian's `prometheus`), OpenMetrics by Python's parser (`python3-prometheus-client`). A tool that is missing is a
 * failed check. `token` is the bearer token, where one is needed, `query` what narrows the answer.
 */
export async function checkExposition(baseUrl: string, token?: string, query = ""): Promise<ExpositionCheck[]> {
  const [text, openMetrics] = await Promise.all([
    scrape(baseUrl, TEXT, token, query),
    scrape(baseUrl, OPEN_METRICS, token, query),
  ]);
  return [
    answered("text", text, TEXT),
    answered("OpenMetrics", openMetrics, OPEN_METRICS),
    await judged("promtool check metrics", text.body, [["promtool", "check", "metrics"]]),
    // Debian's module belongs to Debian's Python, which need not be the first one on the path.
    await judged("Python's OpenMetrics parser", openMetrics.body, [
      ["/usr/bin/python3", "-c", PYTHON],
      ["python3", "-c", PYTHON],
    ]),
  ];
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

async function scrape(baseUrl: string, accept: string, token: string | undefined, query: string): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(new URL(`/metrics${query}`, baseUrl), { headers: { accept, ...authorization } });
  return { status: response.status, type: response.headers.get("content-type") ?? "", body: await response.text() };
}

function answered(format: string, { status, type, body }: Answer, wanted: string): ExpositionCheck {
  const ok = status === 200 && type.startsWith(wanted);
  const lines = body.split("\n").length - 1;
  return { name: `/metrics answers in ${format}`, ok, detail: `status ${status}, ${type}, ${lines} lines` };
}

/** Runs the first of the commands that is there; a tool that has anything to say on stderr has a complaint. */
async function judged(name: string, input: string, commands: readonly (readonly string[])[]): Promise<ExpositionCheck> {
  let detail = "";
  for (const [tool = "", ...args] of commands) {
    const { code, out, err } = await run(tool, args, input);
    const missing = code === undefined || err.includes("No module named 'prometheus_client'");
    if (!missing) return { name, ok: code === 0 && err === "", detail: (err || out || "clean").slice(0, 2000) };
    detail = `${tool} is missing: install Debian's prometheus and python3-prometheus-client`;
  }
  return { name, ok: false, detail };
}

/** `code` is undefined where the command is not there. */
function run(tool: string, args: string[], input: string): Promise<{ code?: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(tool, args, { stdio: ["pipe", "pipe", "pipe"] });
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (said.out += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said.err += chunk));
    // A tool that stops reading at its first complaint closes the pipe; its exit code tells.
    child.stdin.on("error", () => {});
    child.on("error", () => resolve(said));
    child.on("close", (code) => resolve({ code: code ?? 1, out: said.out.trim(), err: said.err.trim() }));
    child.stdin.end(input);
  });
}
