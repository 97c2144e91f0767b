import { expect, it } from "vitest";
import { version } from "../../functions/lib/version.ts";
import manifest from "../../package.json";

it("is the version of the package", () => {
  expect(version).toBe(manifest.version);
});
