/** An entry of package-lock.json, as far as this check reads it. */
interface LockEntry {
  version?: string;
  link?: boolean;
  integrity?: string;
}

const STRONG = /^sha512-[A-Za-z0-9+/]{86}==$/;

/** Entries of a lock file (its text) that npm would install without comparing what it got with what was locked. */
export function judgeLock(text: string): string[] {
  const { packages = {} } = JSON.parse(text) as { packages?: Record<string, LockEntry> };
  return Object.entries(packages).flatMap(([path, { version, link, integrity }]) => {
    if (path === "" || link === true || STRONG.test(integrity ?? "")) return [];
    const found = integrity === undefined ? "has no integrity" : `has the integrity ${integrity}`;
    return [`package-lock.json: ${path} ${version} ${found}: lock it again, or copy \`dist.integrity\` of npm view`];
  });
}
