import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Where `npm start` leaves the admin token of the run on a port, for commands on the same machine. */
export const adminTokenFile = (port: number): string => resolve(`.wrangler/admin-token-${port}`);

/** Leaves the token of a local run where only the same user can read it. */
export function leaveAdminToken(port: number, token: string): void {
  const file = adminTokenFile(port);
  mkdirSync(dirname(file), { recursive: true });
  // A file that is there keeps its mode, so it goes first.
  rmSync(file, { force: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" });
}

/** Takes it away again. */
export const removeAdminToken = (port: number): void => rmSync(adminTokenFile(port), { force: true });

/** The token of the local run on a port; undefined where there is none. */
export function localAdminToken(port: number): string | undefined {
  try {
    return readFileSync(adminTokenFile(port), "utf8").trim();
  } catch {
    return undefined;
  }
}
