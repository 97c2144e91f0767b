import { Code, ConnectError } from "@connectrpc/connect";
import { formatIssue, type Read } from "./field-issue.ts";

/** An error for the caller; `words` are one or two sentences that say what to do. */
export const refused = (code: Code, words: string): ConnectError => new ConnectError(words, code);

/** What was read, or the error that names all that is wrong. */
export function accepted<Value>(read: Read<Value>): Value {
  if (read.ok) return read.value;
  throw refused(Code.InvalidArgument, formatIssue(read.issues));
}
