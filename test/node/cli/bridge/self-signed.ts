import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";

const tlv = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts);
const time = (text: string): Buffer => tlv(0x17, Buffer.from(text));
const oid = (...bytes: number[]): Buffer => tlv(0x06, Buffer.from(bytes));
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString("base64")
    .replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;

/** A fresh key, and a certificate (X.509 v3) for 127.0.0.1 that it has signed itself; both PEM. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const commonName = sequence(oid(0x55, 0x04, 0x03), tlv(0x0c, Buffer.from("bridge test")));
  const name = sequence(tlv(0x31, commonName));
  const address = tlv(0x87, Buffer.from([127, 0, 0, 1]));
  const subjectAltName = sequence(oid(0x55, 0x1d, 0x11), tlv(0x04, sequence(address)));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(time("200101000000Z"), time("491231235959Z")),
    name,
    publicKey,
    tlv(0xa3, sequence(subjectAltName)),
  );
  const signature = sign("sha256", body, createPrivateKey(privateKey));
  const cert = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  return { key: privateKey, cert: pem(cert) };
}
