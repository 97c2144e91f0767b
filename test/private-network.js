// A private network for the tests, as a Worker behind a service binding. It knows hosts by name and IP address, passes calls
// on to them, and keeps what arrived. JavaScript, since it is loaded as it is.

/** Origins by `host:port` in the network. */
const hosts = new Map();
/** @type {{ url: string, headers: Record<string, string> }[]} */
let arrived = [];

const steer = {
  /** Puts a host into the network. */
  async PUT(request) {
    const { host, origin } = await request.json();
    hosts.set(host, origin);
    return new Response();
  },
  /** What has arrived since the last reset. */
  GET: () => Response.json(arrived),
  DELETE() {
    arrived = [];
    hosts.clear();
    return new Response();
  },
};

export default {
  fetch(request) {
    const url = new URL(request.url);
    if (url.host === "steer") return steer[request.method](request);
    arrived.push({ url: request.url, headers: Object.fromEntries(request.headers) });
    if (url.hostname === "broken") throw new TypeError("no such route");
    const origin = hosts.get(url.host);
    if (origin === undefined) return new Response("no route to host", { status: 502 });
    return fetch(new Request(`${origin}${url.pathname}`, request), { redirect: "manual" });
  },
};
