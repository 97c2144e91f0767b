import { randomInt } from "node:crypto";
import { isIP } from "node:net";
import { replaceText, withBody } from "../body.ts";
import { ipAddress } from "../cas.ts";
import { defineFault, type Fault } from "./fault.ts";

const negotiate = ["cas.NegotiateBlobs"] as const;
const details = ["cas.GetTransportDetails"] as const;

/** Stands in the token of `invalid-utf8-token` where the broken bytes go. */
const marker = "~~~~";

/** A control plane that lies about what is there and where the data plane is. */
export const casFaults: readonly Fault[] = [
  defineFault({
    name: "says-missing",
    doc: "Negotiate lists every blob as missing, also those that are there.",
    methods: negotiate,
    decide: { reportsMissing: () => true },
  }),
  defineFault({
    name: "says-present",
    doc: "Negotiate lists nothing as missing, so every blob seems to be there.",
    methods: negotiate,
    decide: { reportsMissing: () => false },
  }),
  defineFault({
    name: "drifting-address",
    doc: "Each details call advertises another port, or the address given.",
    methods: details,
    params: {
      ip: { doc: "IPv4 or IPv6 address; empty keeps the own one", default: "" },
      port: { doc: "port; 0 takes another one each time", default: 0, max: 65_535 },
    },
    decide: {
      details(honest, { ip, port }) {
        const { serverAddr } = honest;
        if (serverAddr === undefined) return honest;
        const drifted = port === 0 ? otherPort(serverAddr.port) : Math.floor(port);
        const address = isIP(ip) === 0 ? serverAddr.ip : ipAddress(ip);
        return { ...honest, serverAddr: { ...serverAddr, port: drifted, ...(address && { ip: address }) } };
      },
    },
  }),
  defineFault({
    name: "unusable-address",
    doc: "GetTransportDetails advertises what the server listens on, 0.0.0.0, or another address that names no host; or port 0.",
    methods: details,
    params: {
      ip: { doc: "IPv4 or IPv6 address; empty keeps the own one", default: "0.0.0.0" },
      port: { doc: "port; -1 keeps the own one", default: -1, min: -1, max: 65_535 },
    },
    decide: {
      details(honest, { ip, port }) {
        const { serverAddr } = honest;
        if (serverAddr === undefined) return honest;
        const address = isIP(ip) === 0 ? serverAddr.ip : ipAddress(ip);
        const shown = port === -1 ? serverAddr.port : Math.floor(port);
        return { ...honest, serverAddr: { ...serverAddr, port: shown, ...(address && { ip: address }) } };
      },
    },
  }),
  defineFault({
    name: "accepts-no-protocol",
    doc: "GetTransportDetails answers callers that offer no protocol; an unknown one it refuses.",
    methods: details,
    decide: { refusesNoProtocol: () => false },
  }),
  defineFault({
    name: "accepts-short-digest",
    doc: "Negotiate takes digests of any length; no blob has them.",
    methods: negotiate,
    decide: { checksDigest: () => false },
  }),
  defineFault({
    name: "no-address",
    doc: "GetTransportDetails leaves the address out.",
    methods: details,
    decide: { details: ({ serverAddr: _, ...honest }) => honest },
  }),
  defineFault({
    name: "empty-token",
    doc: "GetTransportDetails returned an empty token.",
    methods: details,
    decide: { details: (honest) => ({ ...honest, authToken: "" }) },
  }),
  defineFault({
    name: "invalid-utf8-token",
    doc: "The token of GetTransportDetails is not UTF-8, which protobuf forbids.",
    methods: details,
    decide: { details: (honest) => ({ ...honest, authToken: `token${marker}` }) },
    rewrite: (answer) =>
      answer.body === undefined
        ? answer
        : withBody(answer, replaceText(answer.body, marker, Uint8Array.of(0xff, 0xfe, 0xc3, 0x28)), {
            keepLength: true,
          }),
  }),
  defineFault({
    name: "zero-concurrency",
    doc: "GetTransportDetails recommends no transfers at all, or as many as given.",
    methods: details,
    params: { value: { doc: "recommended concurrency", default: 0, max: 4_294_967_295 } },
    decide: { details: (honest, { value }) => ({ ...honest, recommendedConcurrency: Math.floor(value) }) },
  }),
  defineFault({
    name: "accepts-unknown-protocol",
    doc: "GetTransportDetails answers callers that offer no protocol, or one it cannot know.",
    methods: details,
    decide: { refusesUnknownProtocols: () => false },
  }),
];

function otherPort(own: number): number {
  const port = randomInt(1_024, 65_535);
  return port < own ? port : port + 1;
}
