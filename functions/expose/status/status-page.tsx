import type { HtmlPage } from "../pages/html-page.ts";
import { IncidentList } from "./incident-list.tsx";
import { framePage } from "./status-frame.tsx";
import {
  LEVELS,
  type Level,
  type ShownAnnouncement,
  type ShownMaintenance,
  type StatusView,
  type TargetStatus,
} from "./status-view.ts";
import { DAY_TEXT, SIGNS } from "./format-status.ts";
import { BarGaps, TargetRow } from "./target-row.tsx";
import { Time } from "./time-text.tsx";

/** What a reader asked to see. */
export interface StatusQuery {
  /** Part of a name or group. */
  search: string;
  /** A level, `problem` for all that are not up, or empty. */
  state: string;
}

/** A page for a reader. */
export interface ShownStatus {
  view: StatusView;
  query: StatusQuery;
  /** The reader may open the pages of targets and of alerts. */
  links: boolean;
  /** The page was got and not posted, so it may load itself again. */
  refresh: boolean;
}

const SHOWN_INCIDENTS = 15;

/** The status page. */
export function renderStatusPage(shown: ShownStatus): Promise<HtmlPage> {
  const { view, query, links, refresh } = shown;
  const found = view.targets.filter((target) => isFound(target, query));
  return framePage({
    title: `${SIGNS[view.level]} ${view.words} - ${view.title}`,
    refresh,
    feed: "/incidents.atom",
    children: (
      <>
        <header>
          <h1>{view.title}</h1>
        </header>
        <main>
          <Overall view={view} />
          {view.announcements.map((one) => (
            <Announcement announcement={one} />
          ))}
          {view.maintenance.length === 0 ? null : <Maintenance all={view.maintenance} />}
          {view.targets.length > 1 ? <Filter query={query} found={found.length} of={view.targets.length} /> : null}
          <BarGaps />
          {groupsOf(found).map(([name, targets]) => (
            <section class="group">
              <h2>{name === "" ? "Targets" : name}</h2>
              <ul class="rows">
                {targets.map((target) => (
                  <TargetRow target={target} href={links ? targetHref(target.name) : undefined} />
                ))}
              </ul>
            </section>
          ))}
          {found.length === 0 && view.targets.length > 0 ? (
            <p>
              No target matches. <a href="/">Show all</a>
            </p>
          ) : null}
          {view.targets.length === 0 ? null : <Key />}
          <h2 id="incidents">Incidents</h2>
          {view.incidents.length === 0 ? <p>No incidents in the last 90 days.</p> : null}
          <IncidentList incidents={view.incidents.slice(0, SHOWN_INCIDENTS)} now={view.at} />
        </main>
        <Footer links={links} />
      </>
    ),
  });
}

const targetHref = (name: string): string => `/targets/${encodeURIComponent(name.toWellFormed())}`;

function isFound({ name, group, level }: TargetStatus, { search, state }: StatusQuery): boolean {
  if (!`${name} ${group}`.toLowerCase().includes(search.trim().toLowerCase())) return false;
  return state === "" || (state === "problem" ? level !== "up" : level === state);
}

/** By group, in the order of the targets. */
const groupsOf = (targets: readonly TargetStatus[]): [string, TargetStatus[]][] => [
  ...Map.groupBy(targets, ({ group }) => group),
];

const Overall = ({ view }: { view: StatusView }) => (
  <>
    <div class={`overall ${view.level}`}>
      <span aria-hidden="true">{SIGNS[view.level]}</span>
      <span>{view.words}</span>
    </div>
    <p class="dim">
      {countsOf(view).map(([level, count], i) => (
        <>
          {i === 0 ? "" : ", "}
          <a href={`/?state=${level}`}>
            {count} {LEVEL_TEXT[level]}
          </a>
        </>
      ))}
      {view.targets.length === 0 ? "" : ". "}
      As of <Time at={view.at} />.
    </p>
    {view.notes.map((note) => (
      <p class="note">{note}</p>
    ))}
  </>
);

const LEVEL_TEXT: Readonly<Record<Level, string>> = {
  up: "up",
  maintenance: "in maintenance",
  unknown: "unknown",
  degraded: "degraded",
  regional: "failing from some places",
  down: "down",
};

/** How many targets are in each state, the worst first. */
const countsOf = ({ targets }: StatusView): (readonly [Level, number])[] =>
  LEVELS.toReversed()
    .map((level) => [level, targets.filter((one) => one.level === level).length] as const)
    .filter(([, count]) => count > 0);

const Announcement = ({ announcement: { title, paragraphs } }: { announcement: ShownAnnouncement }) => (
  <section class="card now">
    <h2>{title}</h2>
    {paragraphs.map((text) => (
      <p>{text}</p>
    ))}
  </section>
);

const Maintenance = ({ all }: { all: readonly ShownMaintenance[] }) => (
  <section>
    <h2>Planned maintenance</h2>
    {all.map(({ name, targets, from, to, active }) => (
      <div class={active ? "card now" : "card"}>
        <h3>
          {name}
          {active ? ": under way" : ""}
        </h3>
        <p>
          {active ? (
            "Until "
          ) : (
            <>
              <Time at={from} /> to{" "}
            </>
          )}
          <Time at={to} />: {targets.join(", ")}
        </p>
      </div>
    ))}
  </section>
);

const STATES: readonly (readonly [value: string, words: string])[] = [
  ["", "any state"],
  ["problem", "not up"],
  ["down", "down"],
  ["regional", "failing from some places"],
  ["degraded", "degraded"],
  ["unknown", "unknown"],
  ["maintenance", "in maintenance"],
  ["up", "up"],
];

/** A plain form; where scripts run, it filters while one types. */
const Filter = ({ query, found, of }: { query: StatusQuery; found: number; of: number }) => (
  <search>
    <form class="filter" method="get" action="/" data-whole={found === of ? "1" : undefined}>
      <div>
        <label for="q">Search targets and groups</label>
        <input id="q" name="q" type="search" value={query.search} maxlength={100} />
      </div>
      <div>
        <label for="state">State</label>
        <select id="state" name="state">
          {STATES.map(([value, words]) => (
            <option value={value} selected={query.state === value}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <button type="submit">Filter</button>
      <span id="count" class="dim" role="status">
        {found} of {of} targets
      </span>
    </form>
  </search>
);

const Key = () => (
  <ul class="key dim">
    {(["up", "minor", "major", "planned", "none"] as const).map((level) => (
      <li>
        <svg viewBox="0 0 8 8" aria-hidden="true">
          <rect width="8" height="8" class={`b-${level}`} />
        </svg>
        {DAY_TEXT[level]}
      </li>
    ))}
    <li>Bars: 90 days (UTC), today on the right. Line: mean probe duration over 24 hours.</li>
  </ul>
);

const Footer = ({ links }: { links: boolean }) => (
  <footer>
    <nav>
      {links ? (
        <>
          <a href="/alerts">Alerts</a> · <a href="/runbooks">Runbooks</a> · <a href="/metrics">Metrics</a> ·{" "}
        </>
      ) : null}
      <a href="/incidents.atom">Incident feed</a> · <a href="/status.json">status.json</a> ·{" "}
      <a href="/healthz">Prober health</a>
    </nav>
  </footer>
);
