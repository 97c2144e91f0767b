/**
 * Where an error of our own making came from, for logs: its class and the places of its stack. Its message is left out,
 * since it may quote what a server sent or what a header holds.
 */
export function bugTrace(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${typeof error}`;
  const places = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...places].join("\n");
}
