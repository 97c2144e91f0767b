// Passes every call on to one origin: what a private network is to the platform, for trying `via` on this machine. See
// docs/reaching.md.
export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    return fetch(new Request(`${env.ORIGIN}${pathname}`, request), { redirect: "manual" });
  },
};
