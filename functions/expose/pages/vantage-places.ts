import { escapeHtml } from "../../lib/escape-html.ts";
import { readLabels } from "../../lib/label-read.ts";
import { formatPlace, isMisplaced, type Place } from "../../model/location-hints.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { Snapshot } from "../../model/snapshot.ts";

/** Where probers of a vantage run. */
interface VantagePlace {
  vantage: Vantage;
  place: Place;
}

/** Reads where the probers of all shards run; each vantage and place once, by name. */
export function viewPlaces(snapshots: readonly (Snapshot | undefined)[]): VantagePlace[] {
  const columns = snapshots
    .flatMap((one) => one?.blocks ?? [])
    .filter(({ target }) => target === "")
    .flatMap(({ layout }) => layout.columns)
    .filter(({ family }) => family === "zako_watch_vantage_info");
  return [...new Set(columns.map(({ labels }) => labels))].sort().map((labels) => {
    const { vantage = "", colo = "", country = "" } = readLabels(labels);
    return { vantage, place: { colo, country } };
  });
}

/** The list of places; nothing where no prober has said where it runs. */
export function renderPlaces(places: readonly VantagePlace[]): string {
  if (places.length === 0) return "";
  const items = places.map(
    ({ vantage, place }) => `<li>${escapeHtml(`${vantage}: ${formatPlace(vantage, place)}`)}</li>`,
  );
  const note = places.some(({ vantage, place }) => isMisplaced(vantage, place))
    ? "<p>Cloudflare has placed a prober elsewhere than asked. It is replaced at most once a day; until then, read its results as those of the place where it runs.</p>"
    : "";
  return `<h2>Where the vantages run</h2><ul>${items.join("")}</ul>${note}`;
}
