import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convertContext, runModule } from "./isolated.ts";

describe("a module", () => {
  it("gives back what it computes", () => {
    expect(runModule("(input) => input * 2", 21)).toMatchObject({ value: 42, exceptions: {} });
  });

  it.each(["process", "require", "globalThis.process", "Buffer", "fetch", "setTimeout"])("cannot see %s", (name) => {
    expect(runModule(`() => typeof ${name} === "undefined" ? 1 : 0`, 0).value).toBe(1);
  });

  it("cannot climb out by its constructors, nor make code from text", () => {
    const runGroup = "() => globalThis.constructor.constructor('return process')().pid";
    expect(runModule(runGroup, 0)).toMatchObject({ value: undefined, exceptions: { other: 1 } });
    expect(runModule("() => eval('1')", 0)).toMatchObject({ value: undefined, exceptions: { other: 1 } });
  });

  it("leaves nothing to the next one, nor to us", () => {
    runModule("() => { globalThis.left = 1; Array.prototype.left = 1; return 0; }", 0);
    expect(runModule("() => typeof left === 'undefined' && [].left === undefined ? 1 : 0", 0).value).toBe(1);
    expect("left" in globalThis || "left" in []).toBe(false);
  });

  it.each([
    ["null.thrown", { type_error: 1 }],
    ["nowhere", { reference_error: 1 }],
    ["JSON.parse('{')", { syntax_error: 1 }],
    ["new Array(-1)", { range_error: 1 }],
    ["(() => { throw 7; })()", { other: 1 }],
    ["(() => { while (true); })()", { terminated: 1 }],
  ])("that ends in %s is counted by kind", (expression, exceptions) => {
    expect(runModule(`() => ${expression}`, 0)).toMatchObject({ value: undefined, exceptions });
  });
});

describe("a context", () => {
  it("comes back as JSON writes it, whatever it holds", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const json = JSON.stringify(value);
        const { json: back, exceptions } = convertContext(json, {});
        expect([back, exceptions]).toEqual([JSON.stringify(JSON.parse(json)), {}]);
      }),
      { numRuns: 30 },
    );
  });

  it("that cannot be converted is none, and says why", () => {
    expect(convertContext('{"a":1}', { fails: true })).toMatchObject({
      json: undefined,
      exceptions: { syntax_error: 1 },
    });
  });
});
