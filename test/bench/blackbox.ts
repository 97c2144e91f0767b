import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMsOf, listeningPorts } from "./process-cpu.ts";

const COMMAND = "prometheus-blackbox-exporter";
/** What to tell where it is missing. */
export const INSTALL = `install ${COMMAND}`;

/** As many at once as our own batches run. */
const AT_ONCE = 6;
const STARTUP_MS = 5_000;

/** The health call as blackbox_exporter makes it: over native gRPC, and as the POST that Connect's call is. */
const CONFIG = `modules:
  grpc:
    prober: grpc
    timeout: 5s
    grpc:
      tls: false
      preferred_ip_protocol: ip4
  connect:
    prober: http
    timeout: 5s
    http:
      method: POST
      preferred_ip_protocol: ip4
      headers:
        Content-Type: application/proto
        Connect-Protocol-Version: "1"
        Accept-Encoding: identity
      fail_if_body_not_matches_regexp: ["^\\\\x08\\\\x01$"]
`;

/** A running blackbox_exporter. */
export interface Blackbox {
  version: string;
  /** CPU time of that many probes of a target, ms; throws where one of them fails. */
  cost(module: "grpc" | "connect", target: string, count: number): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it; undefined where it is not installed. */
export async function startBlackbox(): Promise<Blackbox | undefined> {
  const known = spawnSync(COMMAND, ["--version"], { encoding: "utf8" });
  if (known.error !== undefined) return undefined;
  const version = /version (\S+)/.exec(known.stdout + known.stderr)?.[1] ?? "unknown";
  const scratch = mkdtempSync(join(tmpdir(), "zako-watch-blackbox-"));
  const file = join(scratch, "blackbox.yml");
  writeFileSync(file, CONFIG);
  const child = spawn(COMMAND, [`--config.file=${file}`, "--web.listen-address=127.0.0.1:0", "--log.level=error"], {
    stdio: "ignore",
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const pid = child.pid as number;
  let [port] = listeningPorts(pid);
  for (const end = Date.now() + STARTUP_MS; port === undefined && Date.now() < end; [port] = listeningPorts(pid))
    await sleep(20);
  if (port === undefined) throw new Error("blackbox_exporter did not begin to listen.");
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const probe = async (path: string): Promise<void> => {
    const text = await fetchText(`http://127.0.0.1:${port}${path}`, agent);
    if (!text.includes("\nprobe_success 1")) throw new Error(`blackbox_exporter's probe failed:\n${text}`);
  };
  return {
    version,
    async cost(module, target, count) {
      const path = `/probe?module=${module}&target=${encodeURIComponent(target)}`;
      const from = cpuMsOf(pid);
      let left = count;
      const lane = async (): Promise<void> => {
        while (left-- > 0) await probe(path);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      return cpuMsOf(pid) - from;
    },
    async stop() {
      agent.destroy();
      process.off("exit", kill);
      kill();
      await exited;
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function fetchText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    }).on("error", reject);
  });
}
