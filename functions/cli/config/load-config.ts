import { readFileSync } from "node:fs";
import type { CompileOptions } from "../../config/compile.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { compileText, type Loaded } from "./compile-text.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "file not found",
  EISDIR: "this is a folder, not a file",
  EACCES: "permission denied",
};

/** Reads and compiles a configuration file. A file that cannot be read is an error like any other. */
export function loadConfig(file: string, kinds: readonly ProbeKind[], options: CompileOptions): Loaded {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ""];
    if (reason === undefined) throw error;
    return { ok: false, errors: [`${file}: ${reason}; give the path of a configuration file, or create watch.yaml`] };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return { ok: false, errors: [`${file}: this is not UTF-8 text; save it as UTF-8`] };
  }
  return compileText(text, file, kinds, options);
}
