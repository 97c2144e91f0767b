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
      writeFileSync(join(scratch, ".dev.vars"), 'ADMIN_TOKEN="kept one"\n');
      expect(devSecrets(scratch, { targets: [] }, { ADMIN_TOKEN: "mine" }).adminToken).toBe("kept one");
    } finally {
      process.chdir(before);
      rmSync(scratch, { recursive: true });
    }
  });
});
