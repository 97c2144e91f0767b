import { matchesAll } from "../../model/alerting/matches.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { silenceState } from "../../notify/policy/silence-state.ts";
import type { AlertingPort, ListedSilence } from "./alerting-port.ts";
import type { Read } from "./field-issue.ts";
import { readSilence, type SilenceDraft } from "./read-silence.ts";

/** A silence that was added, and how many of the alerts that fire now it matches. */
export interface AddedSilence {
  silence: ListedSilence;
  matched: number;
}

/** Adds what is right, and changes nothing where something is wrong. `now`: epoch ms. */
export async function addSilence(port: AlertingPort, draft: SilenceDraft, now: number): Promise<Read<AddedSilence>> {
  const read = readSilence(draft, now);
  if (!read.ok) return read;
  const silence: Silence = { id: crypto.randomUUID(), ...read.value };
  await port.putSilence(silence);
  const matched = (await port.alerts("firing")).filter(({ labels }) => matchesAll(silence.matchers, labels)).length;
  return { ok: true, value: { silence: { ...silence, state: silenceState(silence, now) }, matched } };
}
