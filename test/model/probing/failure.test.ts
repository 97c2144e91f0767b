import { expect, it } from "vitest";
import {
  failure,
  formatReason,
  grpcCodeOf,
  reasonAt,
  reasonIndex,
  reasons,
  rpcReason,
} from "../../../functions/model/probing/failure.ts";

// Stored samples hold places in this list: a line may be added at the end, and nothing else may ever change.
const stored = `dns connect tls timeout redirect http_status edge protocol grpc_only bidi_needs_http2
  rpc_canceled rpc_unknown rpc_invalid_argument rpc_deadline_exceeded rpc_not_found rpc_already_exists
  rpc_permission_denied rpc_resource_exhausted rpc_failed_precondition rpc_aborted rpc_out_of_range rpc_unimplemented
  rpc_internal rpc_unavailable rpc_data_loss rpc_unauthenticated
  corrupt truncated oversize missing_but_present present_but_unreadable accepted_bad_upload accepted_bad_token
  address_drift stale internal blocked_egress convert_refused`.split(/\s+/);

it("keeps the stored places of the reasons", () => {
  expect(reasons.slice(0, stored.length)).toEqual(stored);
});

it("finds every reason again by its place, and reads a place from a newer version as internal", () => {
  expect(new Set(reasons).size).toBe(reasons.length);
  for (const reason of reasons) expect(reasonAt(reasonIndex(reason))).toBe(reason);
  expect(reasonAt(reasons.length)).toBe("internal");
});

it("has words for every reason, without a URL, capital or full stop", () => {
  for (const reason of reasons) expect(formatReason[reason]).toMatch(/^[a-z][^:]*[^.]$|^no TLS session: .*[^.]$/);
});

it("maps gRPC's numbers to reasons, and unknown ones to rpc_unknown", () => {
  expect(rpcReason(1)).toBe("rpc_canceled");
  expect(rpcReason(5)).toBe("rpc_not_found");
  expect(rpcReason(16)).toBe("rpc_unauthenticated");
  for (const code of [0, 17, -1, 2.5, Number.NaN]) expect(rpcReason(code)).toBe("rpc_unknown");
  for (let code = 1; code <= 16; code++) expect(grpcCodeOf(rpcReason(code))).toBe(code);
  for (const reason of reasons.filter((one) => !one.startsWith("rpc_"))) expect(grpcCodeOf(reason)).toBeUndefined();
});

it("composes a failure without empty fields", () => {
  expect(failure("dns", false)).toEqual({ reason: "dns", message: formatReason.dns, answered: false });
  expect(Object.keys(failure("dns", false))).not.toContain("hint");
  expect(failure("edge", true, { message: "m", hint: "h" })).toEqual({
    reason: "edge",
    message: "m",
    answered: true,
    hint: "h",
  });
});
