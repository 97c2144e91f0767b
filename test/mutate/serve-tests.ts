import { join } from "node:path";
import { createVitest, type TestSpecification } from "vitest/node";
import type { TestAnswer, TestRequest } from "./test-server.ts";

// The process behind `TestServer`: vitest is started once and runs what the messages ask for.

const vitest = await createVitest("test", {
  watch: false,
  config: "test/mutate/vitest.config.ts",
  bail: 1,
  // Nobody reads what is printed.
  reporters: [{}],
});
const known = new Map<string, TestSpecification>();
for (const specification of await vitest.globTestSpecifications())
  known.set(specification.moduleId.slice(process.cwd().length + 1), specification);

async function answer({ tests, changed }: TestRequest): Promise<TestAnswer> {
  process.env["MUTATE_TESTS"] = tests.join(" ");
  for (const path of changed) vitest.invalidateFile(join(process.cwd(), path));
  const specifications = tests.flatMap((test) => known.get(test) ?? []);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, false);
  const ran = new Map(testModules.map((test) => [test.moduleId.slice(process.cwd().length + 1), test]));
  // Files of earlier runs are among them, and what is skipped once one has failed is as it was.
  for (const path of tests) {
    const test = ran.get(path);
    if (test?.state() !== "failed") continue;
    const [first] = test.children.allTests("failed");
    return { failed: path, why: first?.fullName ?? test.errors()[0]?.message ?? "an error" };
  }
  if (unhandledErrors.length > 0) return { why: String((unhandledErrors[0] as Error).message) };
  return {};
}

process.on("message", (request: TestRequest) => {
  answer(request).then(
    (said) => process.send?.(said),
    (thrown: unknown) => process.send?.({ why: String(thrown) } satisfies TestAnswer),
  );
});
