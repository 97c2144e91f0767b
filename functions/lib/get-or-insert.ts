/** The map's value for the key. If it has none, inserts the result of `make` first. */
export function getOrInsert<Key, Value extends object>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
