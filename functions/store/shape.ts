/** A type as it is compared: whether a field may be absent is a part of it, whether it may be written to is not. */
type Form<Value> = Value extends readonly unknown[]
  ? { -readonly [Index in keyof Value]: Form<Value[Index]> }
  : Value extends object
    ? { [Key in keyof Value]-?: [mayBeAbsent: object extends Pick<Value, Key> ? true : false, Form<Value[Key]>] }
    : Value;

/**
 * Says whether a stored value has the form that the code relies on. A shape fits its type exactly, so that a declaration
 * such as `const isSilence: Shape<Silence> = object({...})` does not compile where one has a field that the other lacks.
 */
export interface Shape<Value, Exact = Form<Value>> {
  (value: unknown): value is Value;
  /** Never there: it lets the compiler compare two shapes in both directions. */
  readonly exact?: (form: Exact) => Exact;
}

/** Any shape, whatever it is of. */
type AnyShape = (value: unknown) => boolean;

/** The type of the values that a shape accepts. */
export type Infer<S extends AnyShape> = S extends (value: unknown) => value is infer Value ? Value : never;

/** Says whether a stored value can be used under the key that it stands under. */
export type KeyedShape<Value> = (key: string, value: unknown) => value is Value;

/** The latest time of a `Date`, epoch ms. */
export const LATEST_MS = 8.64e15;

export const anything: Shape<unknown> = (_value): _value is unknown => true;
export const text: Shape<string> = (value) => typeof value === "string";
export const flag: Shape<boolean> = (value) => typeof value === "boolean";
export const number: Shape<number> = (value): value is number => typeof value === "number" && Number.isFinite(value);
export const integer: Shape<number> = (value): value is number => Number.isSafeInteger(value);
/** A whole number that can be counted up for as long as anybody may live. */
export const count: Shape<number> = (value): value is number => integer(value) && value >= 0 && value <= 2 ** 52;
/** Epoch ms. */
export const time: Shape<number> = (value): value is number => number(value) && value >= 0 && value <= LATEST_MS;

type Literal = string | number | boolean | null;

/** One of these values and no other. */
export const oneOf =
  <const Value extends Literal>(...all: readonly Value[]): Shape<Value> =>
  (value): value is Value =>
    (all as readonly unknown[]).includes(value);

/** A value of one of these shapes. */
export const either =
  <Shapes extends readonly AnyShape[]>(...shapes: Shapes): Shape<Infer<Shapes[number]>> =>
  (value): value is Infer<Shapes[number]> =>
    shapes.some((shape) => shape(value));

/** A field that may be absent. */
export const maybe =
  <Value>(shape: Shape<Value>): Shape<Value | undefined> =>
  (value) =>
    value === undefined || shape(value);

/** A list of values of one shape. */
export const list =
  <Value>(shape: Shape<Value>): Shape<readonly Value[]> =>
  (value): value is readonly Value[] =>
    Array.isArray(value) && value.every(shape);

type InferAll<Shapes extends readonly AnyShape[]> = { readonly [I in keyof Shapes]: Infer<Shapes[I]> };

/** A list of so many values of different shapes. */
export const tuple =
  <Shapes extends readonly AnyShape[]>(...shapes: Shapes): Shape<InferAll<Shapes>> =>
  (value): value is InferAll<Shapes> =>
    Array.isArray(value) && value.length === shapes.length && shapes.every((shape, i) => shape(value[i]));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with any names and values of one shape. */
export const record =
  <Value>(shape: Shape<Value>): Shape<Readonly<Record<string, Value>>> =>
  (value): value is Readonly<Record<string, Value>> =>
    isRecord(value) && Object.values(value).every(shape);

type Fields = Readonly<Record<string, AnyShape>>;
type OptionalKey<F extends Fields> = { [Key in keyof F]: undefined extends Infer<F[Key]> ? Key : never }[keyof F];
type ObjectOf<F extends Fields> = Flat<
  { [Key in Exclude<keyof F, OptionalKey<F>>]: Infer<F[Key]> } & {
    [Key in OptionalKey<F>]?: Exclude<Infer<F[Key]>, undefined>;
  }
>;
type Flat<Value> = { [Key in keyof Value]: Value[Key] };

/** An object with these fields. Others are nobody's business: a later version may have written them. */
export const object = <const F extends Fields>(fields: F): Shape<ObjectOf<F>> => {
  const all = Object.entries(fields);
  return (value): value is ObjectOf<F> => isRecord(value) && all.every(([name, shape]) => shape(value[name]));
};
