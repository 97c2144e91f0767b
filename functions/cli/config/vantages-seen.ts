import { cleanLine } from "../../lib/clean-text.ts";
import { parseMetricLine } from "../../lib/metric-line.ts";
import { formatPlace } from "../../model/location-hints.ts";
import { LOCAL_VANTAGE, type Vantage } from "../../model/probing/vantage.ts";

const FAMILY = "zako_watch_vantage_info";
const TIMEOUT_MS = 15_000;

/** Where an installation's vantages run, one text for each place; or why that cannot be found out, as a sentence. */
export type VantagesSeen = { ok: true; places: ReadonlyMap<Vantage, readonly string[]> } | { ok: false; why: string };

/** Asks an installation (`url` without a slash at the end) where its vantages run. `token`: the value of METRICS_TOKEN. */
export async function askVantages(url: string, token: string | undefined): Promise<VantagesSeen> {
  const headers = { accept: "text/plain", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  try {
    const response = await fetch(`${url}/metrics?family=${FAMILY}`, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401)
      return { ok: false, why: `${url} requires a token: set METRICS_TOKEN in the environment to its value.` };
    if (response.status !== 200)
      return { ok: false, why: `${url}/metrics answered HTTP ${response.status}: check the value of --url.` };
    return { ok: true, places: placesIn(await response.text()) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { ok: false, why: `${url} cannot be reached (${cause}): check the value of --url.` };
  }
}

function placesIn(page: string): Map<Vantage, string[]> {
  const places = new Map<Vantage, string[]>();
  for (const line of page.split("\n")) {
    if (!line.startsWith(`${FAMILY}{`)) continue;
    const { vantage, colo, country } = Object.fromEntries(parseMetricLine(line)?.labels ?? []);
    if (vantage === undefined || colo === undefined || country === undefined) continue;
    // Whoever answers may be anybody.
    places.set(vantage, [...(places.get(vantage) ?? []), cleanLine(formatPlace(vantage, { colo, country }))]);
  }
  return places;
}

/** The vantages of a configuration, and where they run if that was asked. */
export function formatVantages(vantages: readonly Vantage[], seen?: ReadonlyMap<Vantage, readonly string[]>): string {
  const lines = vantages.map((vantage) => {
    if (vantage === LOCAL_VANTAGE) return `  ${vantage}: in the Monitor itself, wherever Cloudflare has placed it`;
    if (seen === undefined) return `  ${vantage}: add --url URL to see where it runs`;
    return `  ${vantage}: ${seen.get(vantage)?.join("; ") ?? "has not said yet where it runs"}`;
  });
  return ["vantages", ...lines].join("\n");
}
