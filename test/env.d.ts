declare global {
  namespace Cloudflare {
    interface Env {
      TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
      METRICS_TOKEN: string;
      ADMIN_TOKEN: string;
      /** Leads to `test/private-network.js`. */
      PRIVATE_NETWORK: Fetcher;
    }
  }
}

export {};
