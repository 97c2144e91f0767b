/**
 * Removes a character (one UTF-16 unit) from the end, or from both ends. Linear, whereas `/x+$/` takes quadratic time for a
 * run that is not at the end.
 */
export function trimCharacter(text: string, character: string, where: "end" | "both"): string {
  let from = 0;
  let to = text.length;
  while (to > 0 && text[to - 1] === character) to--;
  if (where === "both") while (from < to && text[from] === character) from++;
  return text.slice(from, to);
}
