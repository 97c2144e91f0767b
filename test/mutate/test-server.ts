import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/** Test files to run, until one fails; files that have changed since the last request. */
export interface TestRequest {
  tests: readonly string[];
  changed: readonly string[];
}

/** Which test file failed and what failed in it; `why` alone: the run failed as a whole; nothing: all passed. */
export interface TestAnswer {
  failed?: string | undefined;
  why?: string;
}

export const TOOK_TOO_LONG = "took too long";

/** A vitest that is started once for many runs: starting it takes longer than most tests. */
export class TestServer implements Disposable {
  readonly #root: string;
  #child: ChildProcess | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Runs test files. What does not answer in time is ended, with all that it started. */
  run(request: TestRequest, timeoutMs: number): Promise<TestAnswer> {
    this.#child ??= this.#start();
    const child = this.#child;
    return new Promise((resolve) => {
      const settle = (answer: TestAnswer, isOver: boolean): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (isOver) this[Symbol.dispose]();
        resolve(answer);
      };
      const timer = setTimeout(() => settle({ why: TOOK_TOO_LONG }, true), timeoutMs);
      child.once("message", (answer) => settle(answer as TestAnswer, false));
      child.once("exit", () => settle({ why: "vitest ended" }, true));
      child.send(request);
    });
  }

  [Symbol.dispose](): void {
    const pid = this.#child?.pid;
    this.#child = undefined;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // All of it has ended.
    }
  }

  #start(): ChildProcess {
    const env = { TEST_SEED: "20261201", ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" };
    return fork(join(this.#root, "test/mutate/serve-tests.ts"), {
      cwd: this.#root,
      env,
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
  }
}
