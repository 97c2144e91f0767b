import * as z from "zod";
import { parseMatchers } from "../../model/alerting/parse-matchers.ts";
import type { Selector } from "../../model/alerting/rule.ts";

const FORM = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{.*\})?$/s;

/** A family's series, written `family` or `family{label="value"}`, with the operators of Prometheus. */
export const selectorText = z
  .string()
  .max(1_000)
  .transform((text, context): Selector => {
    const wrong = (message: string): never => {
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    };
    const [, family, braces] = FORM.exec(text.trim()) ?? [];
    if (family === undefined) return wrong('is not a selector; write a metric, or metric{label="value"}');
    if (braces === undefined) return { family };
    const parsed = parseMatchers(braces);
    if (!parsed.ok) return wrong(`is not a selector. ${parsed.problem}`);
    return parsed.matchers.length === 0 ? { family } : { family, matchers: parsed.matchers };
  });
