import { Code, ConnectError } from "@connectrpc/connect";

/** The sixteen RPC error codes by the names of the specification, such as `invalid_argument`. */
export const codeByName: ReadonlyMap<string, Code> = new Map(
  Object.entries(Code)
    .filter((entry): entry is [string, Code] => typeof entry[1] === "number")
    .map(([name, code]) => [snake(name), code]),
);

/** The name of an error's code; what is no RPC error is `internal`. */
export function codeName(error: unknown): string {
  return snake(Code[ConnectError.from(error, Code.Internal).code] ?? "Unknown");
}

function snake(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
