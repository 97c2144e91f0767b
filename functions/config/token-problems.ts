/** A token that opens something of the Worker's. */
export interface OwnToken {
  /** The binding that holds it. */
  binding: string;
  value: string;
  opens: keyof typeof RANKS;
}

/** Who holds the token of a higher rank can do more. */
const RANKS = { admin: 3, probe: 2, metrics: 1, push: 0 } as const;

/** Shorter tokens can be guessed. */
export const SHORTEST_TOKEN = 16;
const FEWEST_CHARACTERS = 6;

/**
 * Why tokens must not be used, by binding, as the end of a sentence that begins with the binding's name. Of two that are
 * the same, the one that opens more must not be used: else who has the other could do that, too.
 */
export function tokenProblems(tokens: readonly OwnToken[]): Map<string, string> {
  const problems = new Map<string, string>();
  const lowest = new Map<string, OwnToken>();
  for (const one of tokens) {
    const other = lowest.get(one.value.trim());
    if (other === undefined || RANKS[one.opens] < RANKS[other.opens]) lowest.set(one.value.trim(), one);
  }
  for (const { binding, value, opens } of tokens) {
    const token = value.trim();
    // One that is not set opens nothing.
    if (token === "") continue;
    const lowestSame = lowest.get(token);
    if (token.length < SHORTEST_TOKEN)
      problems.set(binding, `has ${token.length} characters, fewer than ${SHORTEST_TOKEN}`);
    else if (new Set(token).size < FEWEST_CHARACTERS) problems.set(binding, "repeats a few characters");
    else if (lowestSame !== undefined && RANKS[lowestSame.opens] < RANKS[opens])
      problems.set(binding, `has the same value as ${lowestSame.binding}`);
  }
  return problems;
}

/** How to make a good one. */
export const NEW_TOKEN = "`openssl rand -hex 32` makes a good one";
