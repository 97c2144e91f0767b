import { compileText } from "../../functions/cli/config/compile-text.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { PASTED, type Pasted, PLACES } from "../fixtures/pasted.ts";

const FILE = "watch.yaml";

/** The messages that a pasted configuration gets, without their line; none where it compiles. */
export function messagesOf({ at, text }: Pick<Pasted, "at" | "text">): string[] {
  const loaded = compileText(PLACES[at](text), FILE, PROBE_KINDS, { local: false });
  return loaded.ok ? [] : loaded.errors.map((line) => line.replace(/^watch\.yaml(:\d+:\d+)?: /, ""));
}

const WHERE: Readonly<Record<Pasted["at"], string>> = {
  top: "at the top",
  whole: "as the whole file",
  target: "in a target",
  health: "in `probes.health` of a target",
  notify: "in `notify`",
  receivers: "as `notify.receivers`",
};

/** A cell of a table: code and words as they are. */
const cell = (text: string): string => text.replaceAll("|", "\\|");
const code = (text: string): string => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);

/** One table per tool: what is pasted, and all that is said about it. */
export function printPasted(): string {
  const tools = [...new Set(PASTED.map(({ tool }) => tool))];
  return tools
    .map((tool) => {
      const rows = PASTED.filter((one) => one.tool === tool).map((one) => {
        const said = messagesOf(one).map((line) => line.replaceAll("<", "&lt;"));
        return `| ${cell(code(one.text))} ${WHERE[one.at]} | ${cell(said.join("<br>"))} |`;
      });
      return [`## ${tool}`, "", "| pasted | message |", "| --- | --- |", ...rows].join("\n");
    })
    .join("\n\n");
}
