import { expect, it } from "vitest";
import TEXT from "../../docs/protecting.md?raw";
import { type AppPorts, createApp } from "../../functions/expose/app.ts";

/** The first rule: what the Worker serves, as an expression of Cloudflare's. */
const RULE = /```\nhttp\.host [^`]*? and not \(([^`]*)\)\n```/.exec(TEXT)?.[1] ?? "";
const WHOLE = [...(/in \{([^}]*)\}/.exec(RULE)?.[1]?.matchAll(/"([^"]+)"/g) ?? [])].map(([, path]) => path);
const BEGINNINGS = [...RULE.matchAll(/starts_with\(http\.request\.uri\.path, "([^"]+)"\)/g)].map(
  ([, path = ""]) => path,
);

it("the WAF rule lets through every path that the Worker serves", () => {
  expect(Math.min(WHOLE.length, BEGINNINGS.length)).toBeGreaterThan(3);
  const push = { targets: [], imports: [], secrets: () => [], report: () => {} };
  const ports = { families: [], push, alerting: {}, notify: {}, planned: {} } as unknown as AppPorts;
  const paths = createApp(ports).routes.flatMap(({ path }) => (path.includes("*") ? [] : [path]));
  expect(paths.length).toBeGreaterThan(10);
  const blocked = paths
    .map((path) => path.replaceAll(/:\w+/g, "x"))
    .filter((path) => !WHOLE.includes(path) && !BEGINNINGS.some((beginning) => path.startsWith(beginning)));
  expect(blocked).toEqual([]);
});
