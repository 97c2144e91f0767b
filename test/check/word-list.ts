/** Names and files that a row of the list is about, or leaves alone. */
interface Scope {
  names?: RegExp;
  files?: RegExp;
}

/** A word of our own, where the field has one. */
export interface PrivateWord {
  /** As it stands in names, in lower case: parts of a name in a row, `-` before it where it counts only as their last. */
  words: readonly string[];
  instead: string;
  /** Where the word is ours; everywhere where absent. */
  only?: Scope;
  /** Where it has the meaning that everybody knows. */
  except?: Scope & { why: string };
  /** It is also found in sentences that people read, and not only in names. */
  inSentences?: true;
}

const ALERTING = /\/(notify|watch|monitor|alerter|store)\/|\/(alert|alerter)[\w-]*(\.|\/)/;
const SCHEDULING = /^functions\/(model|probe|watch|monitor)\/|^test\/(?!zako|notify|expose|check|node\/check)/;

/** Private words in code, and the word that the field has for each. */
export const PRIVATE_WORDS: readonly PrivateWord[] = [
  { words: ["shelf", "shelves"], instead: "table, store", inSentences: true },
  {
    words: ["teller", "tellers", "telling"],
    instead: "AlertSender; of metrics MetricSource, reported totals",
    inSentences: true,
  },
  { words: ["alert book"], instead: "alerter-state" },
  { words: ["mend book"], instead: "repair-state" },
  {
    words: ["told"],
    instead: "notified, notification log entry; endTold: resolvedSent",
    inSentences: true,
    except: { names: /^toldAfterMend$/, files: /simulate/, why: "a key of the rows that others read" },
  },
  { words: ["thread", "threads"], instead: "NotificationGroup", only: { files: ALERTING } },
  { words: ["wish", "wishes"], instead: "Recipient, recipientsOf", inSentences: true },
  {
    words: ["address"],
    instead: "Recipient",
    // Network, e-mail and blob addresses are just that.
    only: { names: /^Address(Input)?$|^address$/, files: /^functions\/notify\// },
    except: { names: /^[a-z_]+$/, files: /email/, why: "an e-mail address" },
  },
  { words: ["destination"], instead: "Recipient", only: { files: /\/notify\// } },
  {
    words: ["held"],
    instead: "Suppression, suppressed",
    only: { files: /\/(notify|watch|monitor|alerter|expose)\// },
    except: { names: /Canary|Since|^orHeld$/, why: "what a cache holds; how long a condition has held" },
  },
  { words: ["quiet"], instead: "clearedSilently", only: { files: /\/(notify|watch|monitor|alerter)\// } },
  { words: ["echo", "echoes"], instead: "repeatedResolves", only: { files: /\/(notify|watch|monitor|alerter)\// } },
  { words: ["bury", "buried"], instead: "deadLetter", inSentences: true },
  { words: ["desk"], instead: "host port" },
  { words: ["door"], instead: "authenticatePush" },
  { words: ["keeper"], instead: "RuleManager, OverrideManager, HistoryWriter" },
  { words: ["keep house"], instead: "prune" },
  {
    words: ["order", "orders"],
    instead: "ProbeTask, scheduleTasks",
    only: { files: SCHEDULING },
    except: { names: /^(ORDER|familyOrder|inOrder|out_of_order)$/, why: "in which order" },
  },
  { words: ["ladder"], instead: "dependency group", inSentences: true },
  { words: ["rung", "rungs"], instead: "tier", inSentences: true },
  { words: ["climb", "climbs"], instead: "run" },
  { words: ["standing", "standings"], instead: "VantageState" },
  { words: ["weigh", "weighed"], instead: "evaluateVotes" },
  { words: ["tally", "tallies"], instead: "VoteCount, counts" },
  { words: ["cast", "cast votes"], instead: "evaluateVotes" },
  {
    words: ["heard", "unheard"],
    instead: "fresh, neverRun",
    except: { names: /^never_heard_of$/, why: "what a stranger might send" },
    inSentences: true,
  },
  { words: ["owed"], instead: "pendingConfirmations", inSentences: true },
  { words: ["witness", "witnesses"], instead: "evidence", inSentences: true },
  { words: ["mint", "mints", "minted", "minting"], instead: "issue (a token)", inSentences: true },
  { words: ["relay", "relays"], instead: "single-writer rotation", only: { files: SCHEDULING } },
  { words: ["surroundings"], instead: "context, or named dependencies" },
  {
    words: ["reading", "readings"],
    instead: "ReportedMetric; of access ReadAccess",
    except: { names: /readings_refused/, why: "the name of a metric in the design" },
  },
  { words: ["seal", "sealed", "unseal"], instead: "encodeWithChecksum" },
  { words: ["spoil", "spoiled", "spoilt"], instead: "invalidate" },
  { words: ["sound"], instead: "isValid" },
  { words: ["blind ms"], instead: "gapMs" },
  { words: ["horizon"], instead: "cutoff" },
  { words: ["twin", "twins"], instead: "companion" },
  { words: ["blow", "blows"], instead: "damage" },
  {
    words: ["-words"],
    instead: "format-...",
    except: { names: /^(MAX_WORDS|maxWords|SERVER_WORDS|badWords)$/, why: "they are words, or count them" },
  },
  { words: ["explained"], instead: "format-..." },
  { words: ["rouse", "roused"], instead: "wake", inSentences: true },
  {
    words: ["egress"],
    instead: "url-policy",
    only: { files: /\/config\// },
    except: { names: /blocked_?egress/i, why: "the reason of a failure" },
  },
  { words: ["probe case"], instead: "verdict-input" },
  { words: ["rule number"], instead: "rule-threshold" },
];

/** A turn of speech that a colleague would not use. */
export interface OddPhrase {
  phrase: RegExp;
  instead: string;
}

/** Turns in sentences that people read, and what to write. */
export const ODD_PHRASES: readonly OddPhrase[] = [
  { phrase: /\b(nothing|alerts?|everything that) fires?\b/i, instead: "no alerts firing, 2 alerts firing" },
  { phrase: /\bmuted while\b/i, instead: "inhibited by ..." },
  { phrase: /\bis down now, was\b/i, instead: "up -> down" },
  { phrase: /\bwrong bytes\b/i, instead: "corrupt data" },
  { phrase: /\bbytes are not the ones\b/i, instead: "content does not match its digest" },
  { phrase: /\blast good\b/i, instead: "last success" },
  { phrase: /\bhow a target is\b/i, instead: "target status" },
  { phrase: /\bis no (?!longer\b|more than\b)/i, instead: "is not ..." },
  { phrase: /\bthere is none\b/i, instead: "say what is missing" },
  { phrase: /\bwhom\b/i, instead: "who, or another sentence" },
  { phrase: /\bas it was then\b/i, instead: "leave it out" },
  { phrase: /\bcomes to\b/i, instead: "is, results in" },
  { phrase: /\bgoes on\b/i, instead: "continues" },
  { phrase: /\bis over\b(?! (?:budget|its|the|\d))/i, instead: "ended, resolved" },
];
