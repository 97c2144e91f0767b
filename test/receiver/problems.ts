/** Collects what is wrong with a post, against the documented limits of its receiver. */
export class Problems {
  readonly list: string[] = [];

  add(problem: string): void {
    if (!this.list.includes(problem)) this.list.push(problem);
  }

  /** A text of `least` to `most` UTF-16 units, without lone surrogates; answers it, or "" where it is none. */
  text(value: unknown, where: string, most: number, least = 1): string {
    if (typeof value !== "string") {
      this.add(`${where} is not a string`);
      return "";
    }
    if (value.length > most) this.add(`${where} has ${value.length} characters, at most ${most} are allowed`);
    if (value.length < least) this.add(`${where} has ${value.length} characters, at least ${least} are needed`);
    if (!value.isWellFormed()) this.add(`${where} has a lone surrogate`);
    return value;
  }

  /** An object; with `keys`, one that has no others. Answers it, or an empty one. */
  object(value: unknown, where: string, keys?: readonly string[]): Record<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.add(`${where} is not an object`);
      return {};
    }
    for (const key of Object.keys(value)) if (keys?.includes(key) === false) this.add(`${where} has a key ${key}`);
    return value as Record<string, unknown>;
  }

  /** A list of `least` to `most` items; answers it, or an empty one. */
  items(value: unknown, where: string, most: number, least = 1): unknown[] {
    if (!Array.isArray(value)) {
      this.add(`${where} is not a list`);
      return [];
    }
    if (value.length > most || value.length < least)
      this.add(`${where} has ${value.length} items, not ${least} to ${most}`);
    return value;
  }

  /** An http or https URL. */
  url(value: unknown, where: string, most = 3_000): void {
    const text = this.text(value, where, most);
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol)) this.add(`${where} is not a URL`);
  }
}
