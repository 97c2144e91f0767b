import { BaseSequencer, type TestSpecification } from "vitest/node";
import { readFiles } from "../check/source-files.ts";
import tests from "../vitest.config.ts";
import { pureTests } from "./pure-tests.ts";

/** Runs test files in the order in which `MUTATE_TESTS` names them, the closest first: vitest's own is the slowest first. */
class AsNamed extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const names = (process.env["MUTATE_TESTS"] ?? "").split(" ");
    const placeOf = ({ moduleId }: TestSpecification) => names.findIndex((name) => moduleId.endsWith(`/${name}`));
    return Promise.resolve(files.toSorted((a, b) => placeOf(a) - placeOf(b)));
  }
}

interface Project {
  test: { name: string; include: string[]; exclude?: string[] };
}

export default async () => {
  const config = await (tests as unknown as () => Promise<{ test: { projects: Project[] } }>)();
  const pure = pureTests(readFiles(["functions", "test", "proto"], /(?<!\.d)\.ts$/));
  const projects = config.test.projects.map((project) => {
    const { name, include, exclude = [] } = project.test;
    const test =
      name === "node"
        ? { include: [...include, ...pure] }
        : name === "worker"
          ? { exclude: [...exclude, ...pure] }
          : {};
    return { ...project, test: { ...project.test, ...test } };
  });
  return { ...config, test: { ...config.test, projects, sequence: { sequencer: AsNamed } } };
};
