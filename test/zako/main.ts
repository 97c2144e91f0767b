import { localRuns } from "../../functions/cli/local-run.ts";
import { run } from "./cli.ts";

const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());

process.exitCode = await run(process.argv.slice(2), {
  control: process.env["ZAKO_CONTROL"],
  running: () =>
    localRuns().flatMap(({ port, zakoControlUrl }) => (zakoControlUrl === undefined ? [] : [{ port, zakoControlUrl }])),
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  ending: ending.signal,
});
