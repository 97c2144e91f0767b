import { Code, ConnectError } from "@connectrpc/connect";
import { codeByName } from "../code-name.ts";
import { defineFault, type Fault } from "./fault.ts";

const download = ["transport.Download"] as const;
const upload = ["transport.Upload"] as const;
const transfers = ["transport.Download", "transport.Upload"] as const;

/** Stores that lose, confuse or damage what they keep, and doors that stand open. */
export const contentFaults: readonly Fault[] = [
  defineFault({
    name: "flip-byte",
    doc: "One byte of a download is not what was uploaded.",
    methods: download,
    params: { at: { doc: "which byte of what is sent, from 0; counted from the end when it is past it", default: 0 } },
    decide: {
      sent(bytes, { at }) {
        if (bytes.length === 0) return bytes;
        const changed = Uint8Array.from(bytes);
        const index = Math.min(Math.floor(at), bytes.length - 1);
        changed[index] = (changed[index] ?? 0) ^ 0xff;
        return changed;
      },
    },
  }),
  defineFault({
    name: "wrong-blob",
    doc: "Serves another stored blob than the one asked for; the complement of every byte where there is no other.",
    methods: download,
    decide: {
      content({ bytes, store }) {
        const other = store.names().find((name) => store.get(name) !== bytes);
        const wrong = other === undefined ? bytes.map((byte) => byte ^ 0xff) : store.get(other);
        return { bytes: wrong ?? bytes, store };
      },
    },
  }),
  defineFault({
    name: "short-download",
    doc: "A download ends well but some bytes early.",
    methods: download,
    params: { bytes: { doc: "how many are missing", default: 1, min: 1 } },
    decide: { sent: (bytes, { bytes: missing }) => bytes.subarray(0, Math.max(0, bytes.length - missing)) },
  }),
  defineFault({
    name: "oversize-download",
    doc: "A download brings more bytes than were asked for, and ends well.",
    methods: download,
    params: { bytes: { doc: "how many too many", default: 65_536, min: 1, max: 64 * 2 ** 20 } },
    decide: { sent: (bytes, { bytes: more }) => Buffer.concat([bytes, new Uint8Array(Math.floor(more))]) },
  }),
  defineFault({
    name: "ignores-range",
    doc: "Every download is the whole blob, and no range is refused.",
    methods: download,
    decide: { honoursRange: () => false },
  }),
  defineFault({
    name: "unreadable",
    doc: "Blobs that are there cannot be downloaded; Negotiate still says that they are present.",
    methods: download,
    params: { code: { doc: "RPC code in snake case", default: "internal", oneOf: [...codeByName.keys()] } },
    decide: {
      content(_, { code }): never {
        throw new ConnectError("read /var/cache/zako/cas: input/output error", codeByName.get(code) ?? Code.Internal);
      },
    },
  }),
  defineFault({
    name: "wrong-committed-size",
    doc: "An upload is kept, but its answer names a wrong size.",
    methods: upload,
    params: { by: { doc: "how many bytes too many", default: 1, min: 1, max: 2 ** 53 - 1 } },
    decide: { committedSize: (size, { by }) => size + BigInt(Math.floor(by)) },
  }),
  defineFault({
    name: "loses-uploads",
    doc: "An upload is answered as committed and is not there afterwards.",
    methods: upload,
    decide: { keepsUploads: () => false },
  }),
  defineFault({
    name: "full-disk",
    doc: "Every upload is refused as already_exists, though the blob is not there: a full disk behind a naive check.",
    methods: upload,
    decide: { saysAlreadyExists: () => true },
  }),
  defineFault({
    name: "accepts-any-content",
    doc: "An upload need not hash to its digest nor have its size; it is kept under the digest all the same.",
    methods: upload,
    decide: { checksContent: () => false, checksLength: () => false },
  }),
  defineFault({
    name: "accepts-short-upload",
    doc: "An upload may be shorter or longer than its digest says, if it hashes to it.",
    methods: upload,
    decide: { checksLength: () => false },
  }),
  defineFault({
    name: "accepts-second-metadata",
    doc: "A second metadata message in an upload is passed over.",
    methods: upload,
    decide: { refusesSecondMetadata: () => false },
  }),
  defineFault({
    name: "read-only",
    doc: "Every upload fails, and the message says that the store is read-only, or what is given.",
    methods: upload,
    params: {
      code: { doc: "RPC code in snake case", default: "internal", oneOf: [...codeByName.keys()] },
      message: {
        doc: "the server's words",
        default: "write /var/cache/zako/cas/ab: Read-only file system (os error 30)",
      },
    },
    decide: { refusal: (_, { code, message }) => ({ code: codeByName.get(code) ?? Code.Internal, message }) },
  }),
  defineFault({
    name: "ignores-token",
    doc: "Transfers need no token, and a wrong one is as good as any.",
    methods: transfers,
    decide: { checksToken: () => false },
  }),
  defineFault({
    name: "as-shipped",
    doc: "Like the public server of today: neither the content of uploads nor the token of transfers is verified.",
    methods: transfers,
    decide: { checksContent: () => false, checksLength: () => false, checksToken: () => false },
  }),
];
