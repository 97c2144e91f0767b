import { describe, expect, expectTypeOf, it } from "vitest";
import {
  count,
  either,
  flag,
  type Infer,
  list,
  maybe,
  number,
  object,
  oneOf,
  record,
  type Shape,
  text,
  time,
  tuple,
} from "../../functions/store/shape.ts";

interface Gate {
  readonly id: string;
  state: "open" | "shut";
  openedAt?: number;
  marks: readonly { by: string; notes?: Readonly<Record<string, boolean>> }[];
}

const isGate = object({
  id: text,
  state: oneOf("open", "shut"),
  openedAt: maybe(time),
  marks: list(object({ by: text, notes: maybe(record(flag)) })),
});

describe("a shape", () => {
  it("infers the type of what it accepts", () => {
    expectTypeOf<Infer<typeof isGate>["state"]>().toEqualTypeOf<"open" | "shut">();
    const isPair = tuple(text, either(number, oneOf(null)));
    expectTypeOf<Infer<typeof isPair>>().toEqualTypeOf<readonly [string, number | null]>();
    expectTypeOf<Infer<typeof isGate>>().toMatchTypeOf<{ openedAt?: number }>();
    const value: unknown = { id: "a", state: "open", marks: [{ by: "b" }] };
    expect(isGate(value) && value.marks.map(({ by }) => by)).toEqual(["b"]);
  });

  it("fits its type exactly, or does not compile", () => {
    const same: Shape<Gate> = isGate;
    // @ts-expect-error the shape lacks an optional field of the type
    const lacksOptional: Shape<Gate & { closedAt?: number }> = isGate;
    // @ts-expect-error the shape lacks a field of the type
    const lacks: Shape<Gate & { closedAt: number }> = isGate;
    // @ts-expect-error the shape has a field that the type lacks
    const hasMore: Shape<Omit<Gate, "openedAt">> = isGate;
    // @ts-expect-error the shape accepts less than the type has
    const narrower: Shape<Omit<Gate, "state"> & { state: string }> = isGate;
    // @ts-expect-error the shape accepts more than the type has
    const wider: Shape<"open"> = text;
    // @ts-expect-error a field may be absent in the shape, and not in the type
    const optional: Shape<{ at: number }> = object({ at: maybe(time) });
    // @ts-expect-error a field may be absent in the type, and not in the shape
    const required: Shape<{ at?: number }> = object({ at: time });
    // @ts-expect-error the same deep inside
    const inner: Shape<{ all: readonly { at?: number }[] }> = object({ all: list(object({ at: count })) });
    for (const shape of [same, lacksOptional, lacks, hasMore, narrower, wider, optional, required, inner])
      expect(typeof shape).toBe("function");
  });

  it.each<[string, Shape<unknown> | ((value: unknown) => boolean), unknown, boolean]>([
    ["a field that may be absent", isGate, { id: "a", state: "shut", marks: [] }, true],
    ["a field of another version", isGate, { id: "a", state: "shut", marks: [], next: 1 }, true],
    ["another word", isGate, { id: "a", state: "ajar", marks: [] }, false],
    ["a moment that no date can name", isGate, { id: "a", state: "open", openedAt: 1e300, marks: [] }, false],
    ["a moment that never came", time, 0, true],
    ["a moment before all others", time, -1, false],
    ["the last moment that a date can name", time, 8.64e15, true],
    ["a list in place of an object", isGate, [], false],
    ["null in place of an object", isGate, null, false],
    ["a wrong value in a list", list(count), [1, -1], false],
    ["a number that cannot be counted on from", count, 2 ** 53, false],
    ["a number that JSON has no word for", number, Number.NaN, false],
    ["a list that is too long", tuple(text, count), ["a", 1, 2], false],
    ["a list of the right length", tuple(text, count), ["a", 1], true],
    ["null where it may be", either(number, oneOf(null)), null, true],
  ])("%s", (_, shape, value, accepted) => {
    expect(shape(value)).toBe(accepted);
  });
});
