/** The secret that is bound to a name; undefined where nothing is, or something else than text. */
export function secretOf(env: object, name: string): string | undefined {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" ? value : undefined;
}
