/**
 * Describes a bug for the log: the error's class and the locations of its stack. The message is omitted, because it may
 * quote a server or a header.
 */
export function bugTrace(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${typeof error}`;
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...places].join("\n");
}
