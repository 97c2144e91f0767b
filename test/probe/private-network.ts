import { env } from "cloudflare:workers";

/** Puts a host (`host:port`) into the private network behind the binding PRIVATE_NETWORK; `origin` is where it really is. */
export async function putHost(host: string, origin: string): Promise<void> {
  await env.PRIVATE_NETWORK.fetch("http://steer/", { method: "PUT", body: JSON.stringify({ host, origin }) });
}

/** Requests that came through the binding since the last reset. */
export async function arrivedThere(): Promise<{ url: string; headers: Record<string, string> }[]> {
  return (await env.PRIVATE_NETWORK.fetch("http://steer/")).json();
}

/** Forgets hosts and requests. */
export async function resetNetwork(): Promise<void> {
  await env.PRIVATE_NETWORK.fetch("http://steer/", { method: "DELETE" });
}
