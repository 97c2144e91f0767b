import { registerHooks } from "node:module";
import { MUTANTS } from "./mutants.ts";

/** Loaded before the simulator with `--import`: changes one source while it is loaded, and fails where it cannot. */
const mutant = MUTANTS.find(({ name }) => name === process.env["SIMULATE_MUTANT"]);
if (mutant === undefined) throw new Error(`There is no mutant ${process.env["SIMULATE_MUTANT"]}.`);
const { file, find, replace } = mutant;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/${file}`)) return loaded;
    const source = String(loaded.source instanceof Uint8Array ? Buffer.from(loaded.source) : loaded.source);
    const found = source.split(find).length - 1;
    if (found !== 1)
      throw new Error(`${file} has ${found} times what the mutant ${mutant.name} changes; write it anew.`);
    console.log(`mutant ${mutant.name}: ${mutant.about}`);
    return { ...loaded, source: source.replace(find, () => replace) };
  },
});
