import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ALERTER_FAMILIES } from "../../../functions/model/families/alerter-families.ts";
import { AlerterHead } from "../../../functions/store/alerter/alerter-head.ts";

it("a new Alerter shows each series without labels from its first scrape on, and none that it has not counted", () =>
  runInDurableObject(env.ALERTER.getByName("alerter-head"), async (_instance, state) => {
    const head = new AlerterHead(state.storage, Date.UTC(2030, 0, 1));
    const shown = [...head.series.blocks.values()].flatMap(({ layout }) =>
      layout.columns.map(({ family, labels }) => `${family}{${labels}}`),
    );
    const plain = ALERTER_FAMILIES.filter(({ labels }) => labels.length === 0).map(({ name }) => `${name}{}`);
    expect(plain.length).toBeGreaterThan(3);
    expect(plain.length).toBeLessThan(ALERTER_FAMILIES.length);
    expect(shown.toSorted()).toEqual(plain.toSorted());
  }));
