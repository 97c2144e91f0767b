import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Two projects: `worker` runs inside workerd beside the real D1 and Durable Objects, `node` runs what is Node's own.
export default defineConfig(async () => {
  const migrations = await readD1Migrations("schemas/migrations");
  // Environment variables do not reach workerd by themselves.
  const provide = { fuzzRuns: Number(process.env["FUZZ_RUNS"] ?? 0), seed: Number(process.env["TEST_SEED"] ?? 0) };
  // Property tests on a busy machine; nothing is judged by how long it takes.
  const testTimeout = provide.fuzzRuns > 0 ? 3_600_000 : 120_000;
  return {
    test: {
      isolate: false,
      maxWorkers: 1,
      // The gate counts tests from the JSON report.
      ...(process.env["VITEST_JSON"] === undefined
        ? {}
        : { reporters: ["default", "json"], outputFile: { json: process.env["VITEST_JSON"] } }),
      projects: [
        {
          plugins: [
            cloudflareTest({
              wrangler: { configPath: "./wrangler.toml" },
              miniflare: {
                // What a private network is to the platform: another Worker that leads there.
                serviceBindings: { PRIVATE_NETWORK: "private-network" },
                workers: [
                  {
                    name: "private-network",
                    modules: true,
                    scriptPath: "test/private-network.js",
                    compatibilityDate: "2026-11-01",
                  },
                ],
                bindings: {
                  TEST_MIGRATIONS: migrations,
                  METRICS_TOKEN: "metrics-token-of-the-tests",
                  ADMIN_TOKEN: "admin-token-of-the-tests",
                },
              },
            }),
          ],
          test: {
            name: "worker",
            root: ".",
            provide,
            include: ["test/**/*.test.ts"],
            exclude: [
              "test/node/**",
              "test/zako/**",
              "test/receiver/**",
              "test/e2e/**",
              "test/simulate/**",
              "test/extend/**",
              "test/fuzz/node/**",
            ],
            globalSetup: ["./test/global.ts"],
            setupFiles: ["./test/setup.ts", "./test/seed.ts"],
            isolate: false,
            maxWorkers: 1,
            testTimeout,
          },
        },
        {
          test: {
            name: "node",
            root: ".",
            provide,
            include: [
              "test/node/**/*.test.ts",
              "test/zako/**/*.test.ts",
              "test/receiver/**/*.test.ts",
              "test/simulate/**/*.test.ts",
              "test/fuzz/node/**/*.test.ts",
            ],
            environment: "node",
            setupFiles: ["./test/seed.ts"],
            testTimeout,
            isolate: false,
            maxWorkers: 1,
          },
        },
      ],
    },
  };
});
