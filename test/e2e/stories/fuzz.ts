import { runFuzz } from "../fuzz.ts";
import type { Story } from "../story.ts";

/** Many more on demand, with `FUZZ_RUNS`. */
const CASES = 1_000;
/**
 * So many surfaces there are: bytes of answers by each protocol, config documents, requests to every route, and what is
 * stored by a Monitor and by the Alerter.
 */
const SURFACES = 6;

/** What nobody would send, a thousand times per surface. */
export const fuzz: Story = {
  name: "fuzz",
  alone: true,
  async run(ctx) {
    const ending = new AbortController();
    ctx.defer(() => ending.abort());
    const { ok, cases, output } = await runFuzz(process.cwd(), CASES, ending.signal);
    const few = Object.entries(cases).filter(([, tried]) => tried < CASES);
    ctx.check("every case goes as it must", ok, ok ? "" : output.slice(-4_000));
    ctx.check(
      `each surface was tried ${CASES} times`,
      few.length === 0 && Object.keys(cases).length >= SURFACES,
      cases,
    );
  },
};
