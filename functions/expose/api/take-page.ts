import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { fnv1a } from "../../lib/fnv1a.ts";
import type { Read } from "./field-issue.ts";

/** What a caller says about the page that it wants. */
export interface AskedPage {
  pageSize: number;
  pageToken: string;
}

/** Where an item stands in its list. Keys of two items differ; the smaller comes first; an item keeps its key. */
export type PageKey = readonly (number | string)[];

/** A page that can be taken. */
export interface PageCursor {
  /** Most items. */
  size: number;
  /** Key of the last item that was listed; absent on the first page. */
  after?: PageKey;
  /** When the first page was asked for, epoch ms. */
  at: number;
  /** Of the list and its filters. */
  scope: number;
}

export interface Page<Item> {
  items: readonly Item[];
  /** Empty on the last page. */
  nextPageToken: string;
}

const USUAL_SIZE = 100;
const LARGEST_PAGE = 1_000;

/** Reads which page is wanted. `filters`: name of the list and all that narrows it. `now`: epoch ms. */
export function readPage({ pageSize, pageToken }: AskedPage, filters: PageKey, now: number): Read<PageCursor> {
  if (pageSize < 0) return wrong("page_size", `It is ${pageSize}. Give 1 to ${LARGEST_PAGE}, or 0 for ${USUAL_SIZE}.`);
  const size = Math.min(pageSize || USUAL_SIZE, LARGEST_PAGE);
  const scope = fnv1a(JSON.stringify(filters));
  if (pageToken === "") return { ok: true, value: { size, at: now, scope } };
  const token = readToken(pageToken);
  if (token === undefined || token.scope !== scope)
    return wrong(
      "page_token",
      "It is not a token of this list with these fields. Send the `next_page_token` of the page before, or none.",
    );
  return { ok: true, value: { ...token, size } };
}

/** The items after the cursor. What is added or removed between two pages neither repeats nor hides another item. */
export function takePage<Item>(
  items: readonly Item[],
  { size, after, at, scope }: PageCursor,
  keyOf: (item: Item) => PageKey,
): Page<Item> {
  const keyed = items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => compareKeys(a.key, b.key));
  const left = after === undefined ? keyed : keyed.filter(({ key }) => compareKeys(key, after) > 0);
  const page = left.slice(0, size);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    nextPageToken: last === undefined || page.length === left.length ? "" : printToken({ after: last.key, at, scope }),
  };
}

function compareKeys(a: PageKey, b: PageKey): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (part === other) continue;
    return other === undefined || part > other ? 1 : -1;
  }
  return a.length - b.length;
}

type Token = Required<Omit<PageCursor, "size">>;

const printToken = ({ scope, at, after }: Token): string =>
  base64Encode(new TextEncoder().encode(JSON.stringify([scope, at, ...after])), "url");

function readToken(text: string): Token | undefined {
  try {
    const [scope, at, ...after] = JSON.parse(new TextDecoder().decode(base64Decode(text))) as unknown[];
    if (typeof scope !== "number" || typeof at !== "number" || after.length === 0) return undefined;
    if (!after.every((part) => typeof part === "number" || typeof part === "string")) return undefined;
    return { scope, at, after };
  } catch {
    return undefined;
  }
}

const wrong = (field: string, problem: string): Read<never> => ({ ok: false, issues: [{ field, problem }] });
