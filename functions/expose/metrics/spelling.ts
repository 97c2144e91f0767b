import { NUMBER_BYTES } from "../../model/exposed-size.ts";
import type { Layout } from "../../model/snapshot.ts";
import type { FamilyForm } from "./family-form.ts";
import type { LayoutPlan } from "./layout-plan.ts";
import { TextBuffer } from "./text-buffer.ts";
import type { SeriesText } from "./write-series.ts";

/**
 * How names and labels are spelt, remembered from one rendering to the next. Only ever added to: a text may be half sent
 * while others are written.
 */
export class Spelling {
  readonly buffer = new TextBuffer();
  readonly plans = new WeakMap<Layout, LayoutPlan>();
  readonly #texts = new Map<string, SeriesText>();

  /** The fragments of a series. `inBlock`: its block has a label of its own. */
  textOf(form: FamilyForm, labels: string, inBlock: boolean): SeriesText {
    const key = `${inBlock ? "+" : "-"}${form.family.name}{${labels}`;
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = this.#spell(form, labels, inBlock);
      this.#texts.set(key, text);
    }
    return text;
  }

  #spell({ lines }: FamilyForm, labels: string, inBlock: boolean): SeriesText {
    const before = this.buffer.keptBytes;
    const inside = lines.map(({ label }) => (labels === "" || label === "" ? labels + label : `${labels},${label}`));
    const isBare = (i: number): boolean => !inBlock && inside[i] === "";
    const names = this.#keep(lines.map(({ name }, i) => (isBare(i) ? name : `${name}{`)));
    const tails = inside.map((text, i) => (isBare(i) ? " " : `${inBlock && text !== "" ? "," : ""}${text}} `));
    const spelt = { names, labels: this.#keep(tails) };
    return { ...spelt, bytes: this.buffer.keptBytes - before + lines.length * (NUMBER_BYTES + 1) };
  }

  #keep(texts: readonly string[]): Uint32Array {
    const places = texts.map((text) => this.buffer.keep(text));
    return Uint32Array.of(...places, this.buffer.keptBytes);
  }
}
