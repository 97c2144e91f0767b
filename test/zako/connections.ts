import type { Server, Socket } from "node:net";

/** The TCP connections of the data ports: counted, found again behind HTTP/2, cut at the end. */
export class Connections {
  #open = new Set<Socket>();
  #peak = 0;
  #total = 0;
  #closedReceived = 0;
  #closedSent = 0;

  /** Counts every connection that the server accepts from now on. */
  watch(server: Server): void {
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      this.#total++;
      this.#peak = Math.max(this.#peak, this.#open.size);
      socket.once("close", () => {
        this.#open.delete(socket);
        this.#closedReceived += socket.bytesRead;
        this.#closedSent += socket.bytesWritten;
      });
    });
  }

  /** The connection between two ports; Node hides the socket of an HTTP/2 session behind a proxy that refuses to cut it. */
  find(localPort: number | undefined, remotePort: number | undefined): Socket | undefined {
    for (const socket of this.#open) {
      if (socket.localPort === localPort && socket.remotePort === remotePort) return socket;
    }
    return undefined;
  }

  snapshot(): { open: number; peak: number; total: number; received: number; sent: number } {
    let received = this.#closedReceived;
    let sent = this.#closedSent;
    for (const socket of this.#open) {
      received += socket.bytesRead;
      sent += socket.bytesWritten;
    }
    return { open: this.#open.size, peak: this.#peak, total: this.#total, received, sent };
  }

  /** Totals at 0; what is open stays counted as open. */
  reset(): void {
    this.#total = this.#open.size;
    this.#peak = this.#open.size;
    const { received, sent } = this.snapshot();
    this.#closedReceived -= received;
    this.#closedSent -= sent;
  }

  cutAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
