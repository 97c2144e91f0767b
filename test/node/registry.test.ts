import { expect, it } from "vitest";
import * as z from "zod";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";

// The config is compiled by plain Node, which cannot import the WebAssembly that probes run with in workerd.
it("can be read by Node, with a JSON Schema of every option", () => {
  for (const { options } of PROBE_KINDS) {
    const { properties = {}, additionalProperties } = z.toJSONSchema(options, { io: "input" });
    expect(additionalProperties).toBe(false);
    for (const property of Object.values(properties)) expect(property).toHaveProperty("description");
  }
});
