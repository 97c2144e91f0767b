import { readFileSync } from "node:fs";
import type { ProbeKind } from "../../probe/kind.ts";
import { compileText, type Loaded } from "./compile-text.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "this is a folder, not a file",
  EACCES: "this file may not be read",
};

/** Reads and compiles a configuration file. A file that cannot be read is an error like any other. */
export function loadConfig(file: string, kinds: readonly ProbeKind[], options: { local: boolean }): Loaded {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ""];
    if (reason === undefined) throw error;
    return { ok: false, errors: [`${file}: ${reason}; name the file to use, or write watch.yaml`] };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return { ok: false, errors: [`${file}: this is not UTF-8 text; save it as UTF-8`] };
  }
  return compileText(text, file, kinds, options);
}
