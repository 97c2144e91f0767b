import { expect } from "vitest";
import { parse } from "yaml";

/** A rule of a printed file: an alert, or a recording rule. */
export interface PrintedRule {
  alert?: string;
  record?: string;
  expr: string;
}

/** Parentheses that close in order, outside of quoted values. */
function isBalanced(expr: string): boolean {
  let depth = 0;
  for (const [mark] of expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[()]/g)) {
    depth += mark === "(" ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** The rules of a printed file that Monitors evaluate too, each expression as well-formed as can be told without Prometheus. */
export function readPrinted(text: string): PrintedRule[] {
  const { groups } = parse(text) as { groups: { name: string; rules: PrintedRule[] }[] };
  const printed = groups.find(({ name }) => name === "zako-watch")?.rules ?? [];
  for (const { expr } of printed) {
    expect(isBalanced(expr)).toBe(true);
    expect(expr).not.toMatch(/undefined|NaN|\[object/);
  }
  return printed;
}
