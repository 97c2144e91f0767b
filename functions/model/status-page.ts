/** A message of the operators to everybody who reads the status page. */
export interface Announcement {
  title: string;
  /** Plain text; an empty line begins a paragraph. */
  text: string;
  /** Not shown before this, epoch ms; absent: no bound. */
  startsAt?: number;
  /** Not shown from this on, epoch ms; absent: no bound. */
  endsAt?: number;
}

/** What the configuration says of the status page. */
export interface StatusPageConfig {
  /** Heading; absent: `DEFAULT_TITLE`. */
  title?: string;
  /** Label of the targets whose values make the groups; absent: one group. */
  groupBy?: string;
  announcements: readonly Announcement[];
}

export const DEFAULT_TITLE = "Zako status";
