import { BaseSequencer, type TestSpecification } from "vitest/node";
import tests from "../vitest.config.ts";

/** Runs test files in the order in which `MUTATE_TESTS` names them, the closest first: vitest's own is the slowest first. */
class AsNamed extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const names = (process.env["MUTATE_TESTS"] ?? "").split(" ");
    const placeOf = ({ moduleId }: TestSpecification) => names.findIndex((name) => moduleId.endsWith(`/${name}`));
    return Promise.resolve(files.toSorted((a, b) => placeOf(a) - placeOf(b)));
  }
}

export default async () => {
  const config = await (tests as () => Promise<{ test: object }>)();
  return { ...config, test: { ...config.test, sequence: { sequencer: AsNamed } } };
};
