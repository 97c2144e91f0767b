/** Checks whether a stored value has the expected shape. */
export type Shape = (value: unknown) => boolean;

/** The latest time of a `Date`, epoch ms. */
export const LATEST_MS = 8.64e15;

export const text: Shape = (value) => typeof value === "string";
export const flag: Shape = (value) => typeof value === "boolean";
export const number: Shape = (value) => typeof value === "number" && Number.isFinite(value);
/** A whole number small enough to be incremented forever. */
export const count: Shape = (value) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 2 ** 52;
/** Epoch ms. */
export const time: Shape = (value) => number(value) && (value as number) >= 0 && (value as number) <= LATEST_MS;

export const oneOf =
  (...all: readonly unknown[]): Shape =>
  (value) =>
    all.includes(value);

export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    shapes.some((shape) => shape(value));

/** A field that may be absent. */
export const maybe =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);

export const list =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(shape);

/** A list with a fixed number of values, each of its own shape. */
export const tuple =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    Array.isArray(value) && value.length === shapes.length && shapes.every((shape, i) => shape(value[i]));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with any names and values of one shape. */
export const record =
  (shape: Shape): Shape =>
  (value) =>
    isRecord(value) && Object.values(value).every(shape);

/** An object with these fields. Other fields are allowed: a later version may have written them. */
export const object = (fields: Readonly<Record<string, Shape>>): Shape => {
  const all = Object.entries(fields);
  return (value) => isRecord(value) && all.every(([name, shape]) => shape(value[name]));
};
