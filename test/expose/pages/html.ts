const TAG = /^<(!doctype|\/?[a-z][a-z0-9]*)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*)\/?>/;
const ENTITY = /&(?!(?:amp|lt|gt|quot|#39|middot);)/;
const VOID = new Set(["!doctype", "meta", "input", "br", "link"]);
/** What stands in them is no markup. */
const RAW = new Set(["style", "script"]);
/** Closed by what follows them, as HTML allows. */
const LEFT_OPEN = new Set(["meta"]);

/** A page taken apart by a reader that is stricter than any browser. Throws for what a page of ours must not hold. */
export interface ReadHtml {
  /** Tags with their attributes, values left out. */
  tags: readonly string[];
  /** Values of attributes, by name. */
  values: readonly (readonly [name: string, value: string])[];
  /** All text between tags. */
  text: string;
  /** Contents of text areas, as a browser has them. */
  areas: readonly string[];
}

const unescaped = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|#39|middot);/g,
    (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", middot: "·" })[name] ?? "",
  );

export function readHtml(html: string): ReadHtml {
  const tags: string[] = [];
  const values: [string, string][] = [];
  const areas: string[] = [];
  const open: string[] = [];
  let text = "";
  let at = 0;
  while (at < html.length) {
    const last = open.at(-1) ?? "";
    const next = RAW.has(last) ? html.indexOf(`</${last}>`, at) : html.indexOf("<", at);
    const between = html.slice(at, next < 0 ? undefined : next);
    if (!RAW.has(last)) {
      if (ENTITY.test(between) || between.includes(">")) throw new Error(`Not escaped: ${JSON.stringify(between)}`);
      text += unescaped(between);
    }
    if (last === "textarea") areas.push(unescaped(between).replace(/^\r?\n/, ""));
    if (next < 0) break;
    const [all, name = "", attributes = ""] = TAG.exec(html.slice(next)) ?? [];
    if (all === undefined) throw new Error(`No tag of ours: ${JSON.stringify(html.slice(next, next + 80))}`);
    const names = [...attributes.matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)].map(([, key = "", value]) => {
      if (value !== undefined) {
        if (ENTITY.test(value)) throw new Error(`Not escaped: ${JSON.stringify(value)}`);
        values.push([key, unescaped(value)]);
      }
      return key;
    });
    tags.push([name, ...names].join(" "));
    if (name.startsWith("/")) {
      const closed = open.pop();
      if (`/${closed}` !== name) throw new Error(`${name} closes ${closed}`);
    } else if (!VOID.has(name) && !LEFT_OPEN.has(name)) open.push(name);
    at = next + all.length;
  }
  if (open.length > 0) throw new Error(`Not closed: ${open.join(", ")}`);
  return { tags, values, text, areas };
}
