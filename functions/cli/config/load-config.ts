import { readFileSync } from "node:fs";
import type { CompileOptions } from "../../config/compile.ts";
import { bindingsOf } from "../../model/origin-access.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { compileText, type Loaded } from "./compile-text.ts";
import { wranglerBindings } from "./wrangler-bindings.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "file not found",
  EISDIR: "this is a folder, not a file",
  EACCES: "permission denied",
};

/**
 * Reads and compiles a configuration file. A file that cannot be read is an error like any other. Bindings that targets are
 * reached through are those of wrangler.toml.
 */
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
  const compiled = compileText(text, file, kinds, options);
  return compiled.ok && options.bindings === undefined ? withBindings(text, file, kinds, options, compiled) : compiled;
}

/** Only what is reached through a binding needs wrangler.toml: all else compiles without it. */
function withBindings(
  text: string,
  file: string,
  kinds: readonly ProbeKind[],
  options: CompileOptions,
  compiled: Loaded & { ok: true },
): Loaded {
  const names = [...new Set(compiled.config.targets.flatMap(bindingsOf))];
  if (names.length === 0) return compiled;
  const found = wranglerBindings();
  if (!found.ok)
    return {
      ok: false,
      errors: [
        `${file}: targets are reached through ${names.join(", ")}, and the bindings are not known: ${found.why}`,
      ],
    };
  return compileText(text, file, kinds, { ...options, bindings: found.bindings });
}
