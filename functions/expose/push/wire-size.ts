import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Messages and packed numbers that one body may hold: 30 MiB once decoded and mapped (measured: 2 KiB a data point). */
const MOST_ELEMENTS = 50_000;
/** Opening brackets, commas and colons that a JSON body may hold, those in texts included: 20 MiB at most (measured). */
const MOST_JSON_MARKS = 200_000;

/** What stands in the way of decoding a body. */
export type WireProblem = "malformed" | "oversize";

/**
 * Looks through protobuf before it is decoded: a body within its limit of bytes can decode to a hundred times as much,
 * for an empty message takes two bytes.
 */
export function protobufProblem(schema: DescMessage, bytes: Uint8Array): WireProblem | undefined {
  const budget = { left: MOST_ELEMENTS };
  try {
    visit(schema, new BinaryReader(bytes), bytes.length, budget);
  } catch {
    return "malformed";
  }
  return budget.left < 0 ? "oversize" : undefined;
}

function visit(schema: DescMessage, reader: BinaryReader, end: number, budget: { left: number }): void {
  while (reader.pos < end && budget.left >= 0) {
    const [number, wire] = reader.tag();
    // OTLP has no groups, and skipping them recurses.
    if (wire === WireType.StartGroup || wire === WireType.EndGroup) throw new RangeError("Cannot read a group.");
    const field = schema.fields.find((known) => known.number === number);
    if (wire !== WireType.LengthDelimited) {
      reader.skip(wire, number);
      if (field?.fieldKind === "list") budget.left--;
      continue;
    }
    const length = reader.uint32();
    const until = reader.pos + length;
    if (until > end) throw new RangeError("Cannot read past the end of a message.");
    if (field?.message !== undefined) {
      budget.left--;
      visit(field.message, reader, until, budget);
      if (budget.left < 0) return;
      if (reader.pos !== until) throw new RangeError("Cannot read a message that ends inside a field.");
    } else if (field?.fieldKind === "list") budget.left -= length / bytesOf(field);
    reader.pos = until;
  }
}

const EIGHT_BYTES: readonly unknown[] = [ScalarType.DOUBLE, ScalarType.FIXED64, ScalarType.SFIXED64];
/** Least bytes of a packed number. */
const bytesOf = ({ scalar }: DescField): number => (EIGHT_BYTES.includes(scalar) ? 8 : 1);

const MARKS: ReadonlySet<number> = new Set([...",:[{"].map((mark) => mark.charCodeAt(0)));

/** The same for JSON: its marks bound how many values it can hold. */
export function jsonProblem(bytes: Uint8Array): WireProblem | undefined {
  let marks = 0;
  for (const byte of bytes) if (MARKS.has(byte)) marks++;
  return marks > MOST_JSON_MARKS ? "oversize" : undefined;
}
