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
]);

it("runs the mirrored tests first, then those that import the file, then the great ones", () => {
  expect(relatedTests("functions/store/shape.ts", FILES)).toEqual([
    ["test/store/shape.test.ts", "test/store/shape.laws.test.ts"],
    ["test/store/head.test.ts", "test/expose/app.test.ts", "test/monitor/core.test.ts"],
    ["test/monitor/other.test.ts"],
  ]);
});

it("runs the mirrored folder where no test has the file's name", () => {
  expect(relatedTests("functions/store/key.ts", FILES)[0]).toEqual([
    "test/store/shape.test.ts",
    "test/store/shape.laws.test.ts",
    "test/store/shapes.test.ts",
    "test/store/head.test.ts",
  ]);
});

it("chooses the same for the same seed, and loses nothing", () => {
  const all = Array.from({ length: 100 }, (_, i) => i);
  const of = (seed: number) => shuffled(all, seededRandom(seed));
  expect(of(7)).toEqual(of(7));
  expect(of(7)).not.toEqual(of(8));
  expect(of(7).toSorted((a, b) => a - b)).toEqual(all);
});
