/** Where a probe runs from: a region's name, or `local` for the Monitor's own process. */
export type Vantage = string;

/** The vantage of a deployment without regions. */
export const LOCAL_VANTAGE: Vantage = "local";

/**
 * Location hints where Durable Objects really run. The platform accepts `sam`, `afr` and `me` but places objects
 * elsewhere, so a vantage of that name would be misleading (Cloudflare's documentation of location hints, 2026-10).
 */
export const REGIONS = ["wnam", "enam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc"] as const;
