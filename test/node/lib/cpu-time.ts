/** Milliseconds of this process' CPU that some work took: the least of some runs, so that others' work does not count. */
export function cpuTimeMs(work: () => void, runs = 3, enoughMs = 0): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs && least > enoughMs; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
