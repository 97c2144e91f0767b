import { expect, it } from "vitest";
import type { AlerterPorts } from "../../functions/alerter/alerter-ports.ts";
import { OutboxPump } from "../../functions/alerter/outbox-pump.ts";
import type { EndpointState, OutboxRow } from "../../functions/model/alerting/alerter-state.ts";
import type { Delivery } from "../../functions/model/alerting/delivery.ts";
import type { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";

const NOW = Date.UTC(2030, 0, 1);

/** A pump whose receivers answer when the test says so. */
class Hanging {
  readonly outbox = new Map<string, OutboxRow>();
  readonly endpoints = new Map<string, EndpointState>();
  readonly begun: string[] = [];
  readonly #answers = new Map<string, (answer: Delivery) => void>();
  readonly pump: OutboxPump;

  constructor() {
    const ports = {
      now: () => NOW,
      random: () => 0.5,
      log: () => {},
      startDeadline: () => ({ at: NOW + 11_000, signal: new AbortController().signal, [Symbol.dispose]() {} }),
      deliver: ({ id }: { id: string }) => {
        this.begun.push(id);
        return new Promise<Delivery>((resolve) => this.#answers.set(id, resolve));
      },
    } as unknown as AlerterPorts;
    const head = {
      outbox: {
        all: this.outbox,
        get: (id: string) => this.outbox.get(id),
        set: (id: string, row: OutboxRow) => this.outbox.set(id, row),
      },
      endpoints: this.endpoints,
    } as unknown as AlerterHead;
    this.pump = new OutboxPump(ports, { head: () => head, decide: () => {}, commit: () => {} });
  }

  /** Messages, each for a receiver of its own. */
  add(kind: "page" | "warning", count: number): void {
    for (let i = 0; i < count; i++) {
      const id = `${kind}-${this.outbox.size}`;
      const row = {
        endpointKey: id,
        createdAt: NOW + this.outbox.size,
        tries: 0,
        critical: kind === "page",
        message: { id },
      };
      this.outbox.set(id, row as unknown as OutboxRow);
      this.endpoints.set(id, { endpoint: {}, retryAt: 0, failuresInRow: 0 } as unknown as EndpointState);
    }
  }

  /** What has begun once all that can begin has. */
  async counts(): Promise<{ pages: number; warnings: number }> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    const pages = this.begun.filter((id) => id.startsWith("page")).length;
    return { pages, warnings: this.begun.length - pages };
  }
}

it("makes six tries at once, two of them kept for pages", async () => {
  const world = new Hanging();
  world.add("warning", 8);
  void world.pump.run();
  expect(await world.counts()).toEqual({ pages: 0, warnings: 4 });
  world.add("page", 3);
  world.pump.kick();
  expect(await world.counts()).toEqual({ pages: 2, warnings: 4 });
});

it("pages that are under way take nothing of what warnings have", async () => {
  const world = new Hanging();
  world.add("page", 2);
  void world.pump.run();
  expect(await world.counts()).toEqual({ pages: 2, warnings: 0 });
  world.add("warning", 8);
  world.pump.kick();
  expect(await world.counts()).toEqual({ pages: 2, warnings: 4 });
});

it("pages go first, and may take all six", async () => {
  const world = new Hanging();
  world.add("warning", 3);
  world.add("page", 7);
  void world.pump.run();
  expect(await world.counts()).toEqual({ pages: 6, warnings: 0 });
});
