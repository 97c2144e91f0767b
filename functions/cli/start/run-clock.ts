import { MINUTE_MS } from "../../lib/time-units.ts";

/** Fires the cron at once and then at every full minute, as the platform would: wrangler never does so by itself. */
export async function runClock(base: string, signal: AbortSignal, exited: Promise<unknown>): Promise<void> {
  let over = false;
  const end = Promise.race([exited, new Promise((r) => signal.addEventListener("abort", r, { once: true }))]).then(
    () => {
      over = true;
    },
  );
  while (!over && !signal.aborted) {
    const url = `${base}/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=${Date.now()}`;
    await fetch(url, { signal }).catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const minute = new Promise((r) => {
      timer = setTimeout(r, MINUTE_MS - (Date.now() % MINUTE_MS));
    });
    await Promise.race([minute, end]);
    clearTimeout(timer);
  }
}
