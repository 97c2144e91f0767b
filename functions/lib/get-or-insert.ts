/** What the map has for the key; where it has nothing, it first gets what `make` makes. */
export function getOrInsert<Key, Value extends object>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
