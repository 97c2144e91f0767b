import { GENERATED } from "./generated.ts";

for (const { path, write } of GENERATED) {
  const error = write(".");
  console.log(error === undefined ? `made ${path}` : `cannot make ${path}: ${error}`);
  if (error !== undefined) process.exitCode = 1;
}
