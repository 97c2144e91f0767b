import { type CompileOptions, compileConfig } from "../../config/compile.ts";
import { formatPath, type Issue } from "../../config/issue.ts";
import type { Config } from "../../model/config.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { answerSizeWarnings } from "./answer-size.ts";
import { type Place, type ReadText, readText } from "./config-document.ts";

/** A compiled configuration file with its document, or its errors: one line each, in the order of the file. */
export type Loaded =
  | { ok: true; config: Config; document: unknown; warnings: readonly string[] }
  | { ok: false; errors: readonly string[] };

interface Notice {
  place: Place | undefined;
  message: string;
}

function lines(file: string, notices: readonly Notice[]): string[] {
  const order = (a: Notice, b: Notice): number =>
    (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0);
  return [...notices]
    .sort(order)
    .map(({ place, message }) => `${file}${place === undefined ? "" : `:${place.line}:${place.column}`}: ${message}`);
}

/** Compiles the text of a configuration file; `file` is only what it is called in messages. */
export function compileText(text: string, file: string, kinds: readonly ProbeKind[], options: CompileOptions): Loaded {
  const read: ReadText = readText(text);
  if (!read.ok) return { ok: false, errors: lines(file, read.issues) };
  const tell = (issues: readonly Issue[]): string[] =>
    lines(
      file,
      issues.map((issue) => ({ place: read.placeOf(issue), message: `${formatPath(issue.path)}: ${issue.message}` })),
    );
  const compiled = compileConfig(read.data, kinds, options);
  if (!compiled.ok) return { ok: false, errors: tell(compiled.issues) };
  const { config, warnings } = compiled;
  return { ok: true, config, document: read.data, warnings: tell([...warnings, ...answerSizeWarnings(config, kinds)]) };
}
