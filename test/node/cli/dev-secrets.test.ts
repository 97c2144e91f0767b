import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { devSecrets } from "../../../functions/cli/start/dev-secrets.ts";

describe("the admin token of a local run", () => {
  it("is made for the run, unless one is given", () => {
    const scratch = mkdtempSync(join(tmpdir(), "zako-watch-"));
    const before = process.cwd();
    try {
      process.chdir(scratch);
      expect(devSecrets(scratch, { targets: [] }, {}).adminToken).toMatch(/^[0-9a-f]{48}$/);
      expect(devSecrets(scratch, { targets: [] }, { ADMIN_TOKEN: "mine" }).adminToken).toBe("mine");
      expect(devSecrets(scratch, { targets: [] }, {}).weak).toEqual([]);
      expect(devSecrets(scratch, { targets: [] }, { ADMIN_TOKEN: "mine" }).weak).toEqual([
        "ADMIN_TOKEN has 4 characters, fewer than 16; `openssl rand -hex 32` makes a good one",
      ]);
      const same = "0123456789abcdef0123";
      expect(devSecrets(scratch, { targets: [] }, { ADMIN_TOKEN: same, METRICS_TOKEN: same }).weak).toEqual([
        "ADMIN_TOKEN has the same value as METRICS_TOKEN; `openssl rand -hex 32` makes a good one",
      ]);
      writeFileSync(join(scratch, ".dev.vars"), 'ADMIN_TOKEN="kept one"\n');
      expect(devSecrets(scratch, { targets: [] }, { ADMIN_TOKEN: "mine" }).adminToken).toBe("kept one");
    } finally {
      process.chdir(before);
      rmSync(scratch, { recursive: true });
    }
  });
});
