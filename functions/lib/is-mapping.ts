/** Whether a value of a document is a mapping of keys, and neither a list nor empty. */
export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
