import { expect, it } from "vitest";
import { seededRandom, shuffled } from "../../mutate/random.ts";
import { relatedTests } from "../../mutate/related-tests.ts";

const FILES = new Map([
  ["functions/store/shape.ts", ""],
  ["functions/store/head.ts", 'import { text } from "./shape.ts";'],
  ["functions/monitor/core.ts", 'import type { Head } from "../store/head.ts";'],
  ["test/world.ts", 'import { Core } from "../functions/monitor/core.ts";'],
  ["test/store/shape.test.ts", 'import { text } from "../../functions/store/shape.ts";'],
  ["test/store/shape.laws.test.ts", ""],
  ["test/store/shapes.test.ts", ""],
  ["test/monitor/core.test.ts", 'import { World } from "../world.ts";'],
  ["test/monitor/other.test.ts", ""],
  ["test/store/head.test.ts", 'import { Head } from "../../functions/store/head.ts";'],
  ["test/expose/app.test.ts", 'import { World } from "../world.ts";'],
  ["test/bench/some.test.ts", 'import { World } from "../world.ts";'],
  ["functions/worker.ts", 'export { Core } from "./monitor/core.ts";'],
  ["test/alerter/bindings.test.ts", 'import { env } from "cloudflare:workers";'],
  ["test/simulate/main.ts", 'import { Core } from "../../functions/monitor/core.ts";'],
  ["functions/notify/unused.ts", ""],
]);

it("runs the mirrored tests first, then those that use the file, by how many imports lie between", () => {
  expect(relatedTests("functions/store/shape.ts", FILES).close).toEqual([
    "test/store/shape.test.ts",
    "test/store/shape.laws.test.ts",
    "test/store/head.test.ts",
    "test/alerter/bindings.test.ts",
    "test/expose/app.test.ts",
    "test/monitor/core.test.ts",
  ]);
});

it("runs the mirrored folder where no test has the file's name", () => {
  expect(relatedTests("functions/store/key.ts", FILES).close).toEqual([
    "test/store/shape.test.ts",
    "test/store/shape.laws.test.ts",
    "test/store/shapes.test.ts",
    "test/store/head.test.ts",
  ]);
});

it("leaves for the end what is far from the file, and leaves out what does not use it", () => {
  const many = new Map(FILES);
  for (let i = 10; i < 22; i++)
    many.set(`test/store/near-${i}.test.ts`, 'import { text } from "../../functions/store/shape.ts";');
  expect(relatedTests("functions/store/shape.ts", many).wide).toEqual([
    "test/store/head.test.ts",
    "test/alerter/bindings.test.ts",
    "test/monitor/core.test.ts",
  ]);
});

it("asks the simulator where it runs the file", () => {
  expect(relatedTests("functions/store/shape.ts", FILES).isSimulated).toBe(true);
  expect(relatedTests("functions/notify/unused.ts", FILES).isSimulated).toBe(false);
});

it("chooses the same for the same seed, and loses nothing", () => {
  const all = Array.from({ length: 100 }, (_, i) => i);
  const of = (seed: number) => shuffled(all, seededRandom(seed));
  expect(of(7)).toEqual(of(7));
  expect(of(7)).not.toEqual(of(8));
  expect(of(7).toSorted((a, b) => a - b)).toEqual(all);
});
