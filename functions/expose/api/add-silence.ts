import { matchesAll } from "../../model/alerting/matches.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { silenceState } from "../../notify/policy/windows/silence-state.ts";
import type { AlertingPort, ListedSilence } from "./alerting-port.ts";
import type { Read } from "./field-issue.ts";
import { readSilence, type SilenceDraft } from "./read-silence.ts";

/** A silence that was added, and how many firing alerts it matches. */
export interface AddedSilence {
  silence: ListedSilence;
  matched: number;
}

/** Adds a silence; changes nothing where the draft has issues. `now`: epoch ms. */
export async function addSilence(port: AlertingPort, draft: SilenceDraft, now: number): Promise<Read<AddedSilence>> {
  const read = readSilence(draft, now);
  if (!read.ok) return read;
  const silence: Silence = { id: crypto.randomUUID(), ...read.value };
  await port.putSilence(silence);
  const matched = (await port.alerts("firing")).filter(({ labels }) => matchesAll(silence.matchers, labels)).length;
  return { ok: true, value: { silence: { ...silence, state: silenceState(silence, now) }, matched } };
}
