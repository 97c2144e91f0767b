import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a sender made it. */
export interface Caught {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** Takes exports, keeps them and answers as told; ends with its scope. */
export class Collector implements AsyncDisposable {
  readonly caught: Caught[] = [];
  /** What the next requests are answered with, 200 once there is none left. */
  readonly answers: number[] = [];
  readonly #server = createServer((request, response) => {
    readAll(request)
      .then((body) => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        this.caught.push({ path: request.url ?? "", headers, body });
        response.writeHead(this.answers.shift() ?? 200, { "retry-after": "0" }).end();
      })
      .catch(() => response.destroy());
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
