import { compileConfig } from "../../config/compile.ts";
import { formatPath, type Issue } from "../../config/issue.ts";
import type { Config } from "../../model/config.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { type Place, type ReadText, readText } from "./config-document.ts";

/** A configuration file, compiled, with the document itself and what a person is to be told of it, one line each, in the order of the file. */
export type Loaded =
  | { ok: true; config: Config; document: unknown; warnings: readonly string[] }
  | { ok: false; errors: readonly string[] };

interface NotificationLogEntry {
  place: Place | undefined;
  message: string;
}

function lines(file: string, told: readonly NotificationLogEntry[]): string[] {
  const order = (a: NotificationLogEntry, b: NotificationLogEntry): number =>
    (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0);
  return [...told]
    .sort(order)
    .map(({ place, message }) => `${file}${place === undefined ? "" : `:${place.line}:${place.column}`}: ${message}`);
}

/** Compiles the text of a configuration file; `file` is only what it is called in messages. */
export function compileText(
  text: string,
  file: string,
  kinds: readonly ProbeKind[],
  { local }: { local: boolean },
): Loaded {
  const read: ReadText = readText(text);
  if (!read.ok) return { ok: false, errors: lines(file, read.issues) };
  const tell = (issues: readonly Issue[]): string[] =>
    lines(
      file,
      issues.map((issue) => ({ place: read.placeOf(issue), message: `${formatPath(issue.path)}: ${issue.message}` })),
    );
  const compiled = compileConfig(read.data, kinds, { local });
  if (!compiled.ok) return { ok: false, errors: tell(compiled.issues) };
  return { ok: true, config: compiled.config, document: read.data, warnings: tell(compiled.warnings) };
}
