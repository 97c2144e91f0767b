import { toHex } from "../../lib/hex.ts";
import type { AlertLabels } from "./alert.ts";

const encoder = new TextEncoder();
const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
/** The prime of FNV-1a-64 is 2^40 + 435. */
const PRIME_LOW = 435;
const SEPARATOR = 0xff;

/**
 * Identity of a label set, 16 hex digits, equal to Alertmanager's (prometheus/common `model.LabelSet.Fingerprint`):
 * FNV-1a-64 over `name 0xFF value 0xFF` in UTF-8, by sorted name. A label with an empty value counts as absent.
 */
export function fingerprint(labels: AlertLabels): string {
  const names = Object.keys(labels).filter((name) => labels[name] !== "");
  let high = OFFSET_HIGH;
  let low = OFFSET_LOW;
  // The 64 bits are kept in two halves, so that products with the prime's low part stay below 2^53.
  const eat = (byte: number): void => {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * PRIME_LOW;
    low = product >>> 0;
    high = (high * PRIME_LOW + mixed * 256 + (product - low) / 0x1_0000_0000) >>> 0;
  };
  for (const name of names.sort()) {
    eatText(name, eat);
    eat(SEPARATOR);
    eatText(labels[name] as string, eat);
    eat(SEPARATOR);
  }
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, high);
  view.setUint32(4, low);
  return toHex(bytes);
}

function eatText(text: string, eat: (byte: number) => void): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) {
      for (const byte of encoder.encode(text.slice(i))) eat(byte);
      return;
    }
    eat(unit);
  }
}
