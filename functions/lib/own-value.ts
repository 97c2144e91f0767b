/** What an object of unknown form has of its own under a key; undefined where it is no object, or has nothing there. */
export const ownValue = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
