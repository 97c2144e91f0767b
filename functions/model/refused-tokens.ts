/** What a token opens. */
export const AUTH_ROUTES = ["api", "metrics", "pages", "probe", "push"] as const;
export type AuthRoute = (typeof AUTH_ROUTES)[number];

/** `wrong`: it opens nothing there. `slowed`: it was not looked at, since many from its address were wrong. */
export const REFUSED_TOKEN_REASONS = ["wrong", "slowed"] as const;

/** Tokens that were refused. */
export interface RefusedTokens {
  route: AuthRoute;
  reason: (typeof REFUSED_TOKEN_REASONS)[number];
  count: number;
}
