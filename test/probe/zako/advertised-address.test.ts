import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseAddress, sameAddress, unusableAddress } from "../../../functions/probe/zako/advertised-address.ts";
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

it("finds no fault with an address that names a host, whatever the rest of it is", () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  const byte = fc.integer({ min: 0, max: 255 });
  const host = fc.tuple(fc.integer({ min: 1, max: 223 }), byte, byte, byte);
  const word = ([a, b, c, d]: readonly number[]) =>
    (((a ?? 0) << 24) | ((b ?? 0) << 16) | ((c ?? 0) << 8) | (d ?? 0)) >>> 0;
  const global = fc.array(byte, { minLength: 15, maxLength: 15 }).map((rest) => [0x20, ...rest]);
  fc.assert(
    fc.property(host, global, port, (four, sixteen, at) => {
      expect(unusableAddress(v4(word(four), at))).toBeUndefined();
      expect(unusableAddress(v6(sixteen, at))).toBeUndefined();
      expect(unusableAddress(v6([...new Array<number>(10).fill(0), 255, 255, ...four], at))).toBeUndefined();
      // The same without a port that can be connected to.
      expect(unusableAddress(v4(word(four), 0))).toBe("port 0");
      expect(unusableAddress(v6(sixteen, 65_536 + at))).toMatch(/^port \d+; the highest is 65535$/);
    }),
  );
});

it("finds fault with an IP address of a wrong length, or with none", () => {
  expect(unusableAddress(undefined)).toBe("no address");
  expect(unusableAddress(create(SocketAddressSchema, { port: 80 }))).toBe("no address");
  for (const length of [0, 4, 15, 17])
    expect(unusableAddress(v6(new Array<number>(length).fill(9), 80))).toMatch(/an IP address of \d+ bytes/);
});
