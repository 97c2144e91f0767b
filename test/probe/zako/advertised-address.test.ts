import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { parseAddress, sameAddress } from "../../../functions/probe/zako/advertised-address.ts";
import { SocketAddressSchema } from "../../../proto/gen/zako/v1/net_pb.ts";

const v4 = (value: number, port: number) =>
  create(SocketAddressSchema, { ip: { ipAddr: { case: "v4", value } }, port });
const v6 = (bytes: number[], port: number) =>
  create(SocketAddressSchema, { ip: { ipAddr: { case: "v6", value: Uint8Array.from(bytes) } }, port });
const LOOPBACK = [...new Array<number>(15).fill(0), 1];

it("reads the first octet of IPv4 from the most significant byte", () => {
  expect(sameAddress(v4(0x0a010203, 9_000), "10.1.2.3:9000")).toBe(true);
  expect(sameAddress(v4(0xff010203, 9_000), "255.1.2.3:9000")).toBe(true);
  expect(sameAddress(v4(0x0302010a, 9_000), "10.1.2.3:9000")).toBe(false);
  expect(sameAddress(v4(0x0a010203, 9_001), "10.1.2.3:9000")).toBe(false);
});

it.each(["[::1]:80", "[0:0:0:0:0:0:0:1]:80", "[0::0:1]:80", "[::0.0.0.1]:80", "[0000::0001]:80"])(
  "takes IPv6 in every spelling: %s",
  (written) => expect(sameAddress(v6(LOOPBACK, 80), written)).toBe(true),
);

it("does not take an address without IP, or of a wrong length, for any other", () => {
  expect(sameAddress(create(SocketAddressSchema, { port: 80 }), "[::1]:80")).toBe(false);
  expect(sameAddress(v6([0, 0, 0, 1], 80), "0.0.0.1:80")).toBe(true);
  expect(sameAddress(v6(LOOPBACK.slice(1), 80), "[::1]:80")).toBe(false);
});

it.each([
  "",
  "10.0.0.1",
  "10.0.0:1",
  "10.0.0.256:1",
  "10.0.0.01:1",
  "10.0.0.1:0",
  "10.0.0.1:65536",
  "[::1]",
  "::1:80",
  "[::1::2]:80",
  "[1:2:3:4:5:6:7]:80",
  "[1:2:3:4:5:6:7:8:9]:80",
  "[1:2:3:4:5:6:7::8]:80",
  "[12345::]:80",
  "host:80",
])("reads no address in %j", (written) => expect(parseAddress(written)).toBeUndefined());
