import { cleanLine } from "../../lib/clean-text.ts";
import { hideSecrets } from "../../lib/hide-secrets.ts";
import { shorten } from "../../lib/shorten.ts";
import { MAX_EVIDENCE_TEXT } from "../../model/alerting/evidence.ts";
import type { Failure } from "../../model/probing/failure.ts";

/** More than is shown, so that a secret at the end is found whole before the text is cut. */
const MAX_RAW = 2_000;

/** A server's text as a failure's `said`; nothing where it says nothing to people, such as a page of HTML. */
export function saidOf(text: unknown): { said?: string } {
  if (typeof text !== "string") return {};
  const line = cleanLine(text.slice(0, MAX_RAW));
  return line === "" || line.startsWith("<") ? {} : { said: line };
}

/** `grpc-message` as it was before it was percent-encoded; what is not well encoded stays as it is. */
export function grpcMessage(value: string | null): string | undefined {
  if (value === null) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** A failure that holds no secret in the server's words, and not more of them than is shown. */
export function withoutSecrets<F extends Failure | undefined>(failure: F, secrets: readonly string[]): F {
  if (failure?.said === undefined) return failure;
  return { ...failure, said: shorten(hideSecrets(failure.said, secrets), MAX_EVIDENCE_TEXT) };
}
