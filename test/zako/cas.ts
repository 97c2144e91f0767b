import { randomBytes } from "node:crypto";
import { isIPv6 } from "node:net";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { type ContentAddressableStorage, TransportDetailsSchema } from "../../proto/gen/zako/v1/cas_pb.ts";
import type { Digest } from "../../proto/gen/zako/v1/digest_pb.ts";
import { type IpAddress, IpAddressSchema, Protocol, SocketAddressSchema } from "../../proto/gen/zako/v1/net_pb.ts";
import type { BlobStore } from "./blob-store.ts";
import { type Call, callOf } from "./call.ts";

/** An IP address without brackets, and a port. */
export interface Address {
  readonly ip: string;
  readonly port: number;
}

export interface CasOptions {
  readonly store: BlobStore;
  /** Every token ever handed out: they have no expiry. */
  readonly tokens: Set<string>;
  readonly advertised: () => Address;
  readonly recommendedConcurrency: number;
}

/** The control plane: what is missing, and how to transfer it. */
export function createCas(options: CasOptions): ServiceImpl<typeof ContentAddressableStorage> {
  return {
    async *negotiateBlobs(requests, context) {
      const call = callOf(context.values);
      for await (const { blobDigests } of requests) {
        const names = blobDigests.map((digest) => digestHex(digest, call));
        const missing = blobDigests.filter((_, at) =>
          call.decide("reportsMissing", !options.store.has(names[at] as string)),
        );
        // No answer at all is how the server says that nothing of this request is missing.
        if (missing.length > 0) yield { missingBlobDigests: missing };
      }
    },

    getTransportDetails({ supportedProtocols }, context) {
      const call = callOf(context.values);
      const offersNone = supportedProtocols.length === 0;
      const known = supportedProtocols.every((one) => one === Protocol.grpc);
      const refused = offersNone ? call.decide("refusesNoProtocol", true) : !known;
      if (refused && call.decide("refusesUnknownProtocols", true)) {
        const said = offersNone ? "no protocol" : `protocols ${supportedProtocols.join(", ")}`;
        throw new ConnectError(`the caller offers ${said}; this server speaks only 0 (grpc)`, Code.FailedPrecondition);
      }
      const authToken = randomBytes(24).toString("base64url");
      options.tokens.add(authToken);
      const { ip, port } = options.advertised();
      const honest = create(TransportDetailsSchema, {
        serverAddr: create(SocketAddressSchema, { ip: ipAddress(ip), port }),
        authToken,
        recommendedConcurrency: options.recommendedConcurrency,
      });
      return call.decide("details", honest);
    },
  };
}

/** The name of a blob in the store; throws `invalid_argument` when the digest is no BLAKE3-256. */
export function digestHex({ blake3 }: Digest, call: Call): string {
  if (blake3.length !== 32 && call.decide("checksDigest", true)) {
    throw new ConnectError(`a BLAKE3 digest has 32 bytes, this one has ${blake3.length}`, Code.InvalidArgument);
  }
  return Buffer.from(blake3).toString("hex");
}

/** The wire form of an address: IPv4 with the first octet in the most significant byte, or the 16 bytes of IPv6. */
export function ipAddress(ip: string): IpAddress {
  if (!isIPv6(ip)) {
    const v4 = ip.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    return create(IpAddressSchema, { ipAddr: { case: "v4", value: v4 } });
  }
  // The URL parser spells every IPv6 address in its shortest form, so at most one run of zeros is left out.
  const short = new URL(`http://[${ip}]/`).hostname.slice(1, -1);
  const [head = "", tail = ""] = short.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill("0"), ...right];
  const value = new Uint8Array(16);
  const view = new DataView(value.buffer);
  for (const [at, group] of groups.entries()) view.setUint16(at * 2, Number.parseInt(group, 16));
  return create(IpAddressSchema, { ipAddr: { case: "v6", value } });
}
