/** A pattern that keeps a backtracking engine, or a careless compiler, busy; with the family that it is of. */
export interface BadPattern {
  family: string;
  pattern: string;
}

const ATOMS = ["a", ".", "\\w", "\\d", "[a-z]", "[^b]", "(?:ab)", "\\s"];
const TAILS = ["b", "!", "$"];

/** A quantifier on a quantifier: `(a+)+b`. */
const nested = ATOMS.flatMap((atom) =>
  ["+", "*", "{1,}", "{0,9}"].flatMap((inner) =>
    ["+", "*", "{2,}", "{1,20}", "{40}"].map(
      (outer, i) => `(${atom}${inner})${outer}${TAILS[(i + inner.length) % TAILS.length] ?? ""}`,
    ),
  ),
);

/** Branches that match the same: `(a|a)*b`, and as often as `(a|a){30}b`. */
const overlapping = ["a|a", "a|ab?", "a|a?", "\\w|\\d", ".|a", "[a-c]|[b-d]", "a|b|ab", "a*|b*", "(?i:a)|A"].flatMap(
  (branches) => ["*", "+", "{30}", "{2,}", "{10,40}"].map((count) => `(${branches})${count}b`),
);

/** Loops in a row that can share the text out in many ways. */
const chains = [".*", "a*", ".+", "\\w*", "[^,]*", "a?", "\\s*", "(?:.*)"].flatMap((link) =>
  [2, 3, 5, 8, 20, 60, 100].map((length) => `${link.repeat(length)}b!`),
);

/** Counts that multiply, in time or in room. */
const counted = [
  ...[10, 100, 250, 499, 1_000].map((count) => `(a|a){${count}}b`),
  ...[5, 10, 31, 100, 1_000].flatMap((n) => [`(a{1,${n}}){1,${n}}b`, `(.{0,${n}}){${n}}b`, `(a?){${n}}a{${n}}`]),
  ...[2, 3, 5, 9].map((depth) => `${"(".repeat(depth)}a${"{1,9}){1,9}".repeat(depth)}b`),
  ...[2, 4, 8].map((depth) => `${"(?:".repeat(depth)}a${"{1000}){1000}".repeat(depth)}`),
  ...[2, 4, 8].map((depth) => `${"(?:".repeat(depth)}${"){1000}".repeat(depth)}`),
  ...[
    "(.*){1,32000}[bc]",
    ".{1001}",
    "a{99999999999}",
    "a{1000}a{1000}",
    "(.*a){25}",
    "([a-z]{3,}){5,}!",
    "(x{2,}){9,}y",
  ],
  ...["(a{0,1000}){0,1000}", "((a{0,100}){0,10})b", "(?:a?){999}", "(?:a*){999}b", "(\\w{4}-?){3,200}!", "x{0,999}y"],
];

/** Few steps, and a deterministic automaton of exponentially many states. */
const states = [8, 16, 20, 40, 100, 200, 400, 990].flatMap((n) => [
  `(a|b)*a(a|b){${n}}`,
  `.*a.{${n}}`,
  `(.*a.{${n}}|.*b.{${n}})`,
  `(?i).*a[ab]{${n}}b?`,
]);

/** Large classes, many branches, deep brackets: work for the parser and for each character. */
const bulk = [
  ...["(", "[", "{", "(?:", "(?i", "[[:", "[^", "\\", "|", "*", "?", "(a*", "(?i)(", "[a-z]*", "\\b", "^*", "$*"].map(
    (piece) => piece.repeat(Math.floor(1_000 / piece.length)),
  ),
  ...[10, 50, 99, 100, 101, 200].map((depth) => `${"(".repeat(depth)}a${"*)".repeat(depth)}b`),
  ...[10, 30, 60].map((depth) => `${"(a|".repeat(depth)}b${")*".repeat(depth)}!`),
  `[${Array.from({ length: 450 }, (_, i) => String.fromCharCode(0x4e00 + 2 * i)).join("")}]{500}b`,
  `(?i)(?:${Array.from({ length: 60 }, (_, i) => `[\\x{${(0x400 + i).toString(16)}}-\\x{7ff}]`).join("|")})*b`,
  `(?:${Array.from({ length: 240 }, () => "a*").join("|")})*b`,
  `(?:${Array.from({ length: 33 }, (_, i) => "a".repeat(i)).join("|")})*b`,
  `(?i)[\\x{0}-\\x{10FFFF}]*b`,
  "a".repeat(1_001),
  `${"a?".repeat(250)}${"a".repeat(250)}`,
];

/** What linear engines do not have. */
const refusedEverywhere = [
  "=",
  "!",
  "<=",
  "<!",
  ">",
  "#",
  "|",
  "P=n",
  "R",
  "1",
  "&n",
  "<n>",
  "P<n>",
  "U)",
  "m)",
  "x)",
].flatMap((begin) => [`(?${begin}a+)+b`, `^(?${begin}.*a)(?${begin}.*b).*$`]);
const backReferences = [
  "(a+)\\1",
  "(a*)*\\1b",
  "(.+)\\1+",
  "(\\w+)\\s\\1",
  "(a)(b)\\2\\1",
  "^(11+?)\\1+$",
  "(?P<x>a+)\\k<x>",
];

/** Patterns that did harm, or that textbooks, linters and scanners show: e-mail, URL, HTML, CSV, dates, versions, paths. */
const classic = [
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
  "^[a-zA-Z0-9._%+-]+@([a-zA-Z0-9-]+\\.)+[a-zA-Z]{2,}$",
  "^([0-9a-zA-Z]([-.\\w]*[0-9a-zA-Z])*@(([0-9a-zA-Z])+([-\\w]*[0-9a-zA-Z])*\\.)+[a-zA-Z]{2,9})$",
  "^([\\w.-]+)+@([\\w-]+\\.)+[\\w]{2,4}$",
  "^\\w+([-+.']\\w+)*@\\w+([-.]\\w+)*\\.\\w+([-.]\\w+)*$",
  '^(([^<>()[\\]\\\\.,;:\\s@"]+(\\.[^<>()[\\]\\\\.,;:\\s@"]+)*)|(".+"))@(([a-zA-Z\\-0-9]+\\.)+[a-zA-Z]{2,})$',
  "^(https?|ftp)://(-\\.)?([^\\s/?.#-]+\\.?)+(/[^\\s]*)?$",
  "^(?:https?://)?(?:[\\w-]+\\.)+[\\w]{2,}(?:/[\\w-./?%&=]*)?$",
  "^((https?|ftp):)?//([a-z0-9-]+\\.)*([a-z0-9-]+)(:[0-9]+)?(/.*)*$",
  "^(http[s]?://)?([\\w.-]+)+(:[0-9]+)?(/([\\w/_.-]*(\\?\\S+)?)?)*$",
  "^(([a-z0-9]+-)*[a-z0-9]+\\.)+[a-z]{2,}$",
  "^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)*[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
  "(.*?,){11}P",
  "^(.*?,){29}.*$",
  '^("[^"]*"|[^,"]*)(,("[^"]*"|[^,"]*))*$',
  '^(?:"(?:\\\\.|[^"])*"|[^,]+)*$',
  "^\\s+|\\s+$",
  "^[\\s\\x{200c}]+|[\\s\\x{200c}]+$",
  ".*\\s*=\\s*.*",
  "(?:(?:\"|'|\\]|\\}|\\\\|\\d|(?:nan|infinity|true|false|null|undefined|symbol|math)|`|-|\\+)+[)]*;?((?:\\s|-|~|!|\\{\\}|\\|\\||\\+)*.*(?:.*=.*)))",
  "<!--(.|\\s)*?-->",
  "<([a-z]+)([^>]*)*>",
  "(<[^>]*>)*([^<]+)*(</[^>]*>)*!",
  "^<(\\w+)(\\s+\\w+(\\s*=\\s*(\"[^\"]*\"|'[^']*'|[^'\">\\s]+))?)*\\s*/?>$",
  "(/\\*(.|[\\r\\n])*?\\*/)",
  "/\\*([^*]|[\\r\\n]|(\\*+([^*/]|[\\r\\n])))*\\*+/",
  "^(\\d+)*\\.(\\d+)*$",
  "^(\\d+|\\d+\\.\\d+)+$",
  "^\\$?(\\d{1,3},?(\\d{3},?)*\\d{3}(\\.\\d{0,2})?|\\d{1,3}(\\.\\d{0,2})?)$",
  "^([0-9]+)*$",
  "^-?(\\d+)*([eE][-+]?\\d+)*$",
  "^(([0-9]{1,4}[-/.])*[0-9]{1,4}[ T]?)+$",
  "^((?:[0-9]{1,3}\\.)+[0-9]{1,3})+$",
  "^([0-9a-fA-F]{0,4}:)*([0-9a-fA-F]{0,4})*$",
  "^((([0-9a-f]{1,4}:)*)?::(([0-9a-f]{1,4}:)*)?)+$",
  "^v?(\\d+\\.)*(\\d+)(-[\\w.]+)*(\\+[\\w.]+)*$",
  "^(\\d+)\\.(\\d+)\\.(\\d+)(?:-((?:[0-9]+|\\d*[a-zA-Z-][a-zA-Z0-9-]*)(?:\\.(?:[0-9]+|\\d*[a-zA-Z-][a-zA-Z0-9-]*))*))?$",
  '^([a-zA-Z]:)?(\\\\[^<>:"/\\\\|?*]+)+\\\\?$',
  "^(/?[\\w.-]+/?)*$",
  "^(([\\w-]+)/?)+!$",
  "^(.+/)*(.+)*\\.(.+)*$",
  "^(([^/]+/)*)?([^/]*)*x$",
  "^(\\w+\\s?)*$",
  "^(\\w+\\s*)+:$",
  "^((\\w+)\\s*)+\\.$",
  "^([a-zA-Z]+('|-| )?)+[a-zA-Z]+$",
  "^((\\S+)\\s?)*;$",
  "(\\w*\\.?)*!",
  "([a-z]+(-[a-z]+)*)+!",
  "^((\\w|-)+\\.?)+$",
  "^((ab)*)+$",
  "^((a|ab)(c|bcd)*)+d$",
  "(x+x+)+y",
  "(x+x+)+$",
  "(?:x*)*y",
  "((a*)*)*b",
  "(a*a*)*b",
  "(a?a?)*b",
  "(a*)+(a*)+(a*)+b",
  "(aa|aab?)*b",
  "(a|aa)+$",
  "^(a|a?)+$",
  "^(a|b|ab)*c$",
  "(.*)*=(.*)*",
  "(.+)+=(.+)+!",
  "(.|\\n)*?x",
  "([\\s\\S]*)*z",
  "(\\s|\\S)*!",
  "(\\b\\w+\\b\\s*)+!",
  "(\\B\\w|\\w\\B)*!",
  "(^a*)*$",
  "(a*$)*b",
  "(^|a)+b",
  "^(?:.*;)*.*=(?:.*;)*$",
  "^[^;]*(;[^=]*=[^;]*)*;$",
  "(?i)^([a-z]+)*[A-Z]+$",
  "(?i)(k|s|ſ)*x",
  "(?i:a|A|ä|Ä)+!",
  "Mozilla/.*(Gecko|KHTML).*(Firefox|Chrome)/.*(.*)*$",
  ".*(compatible|spider|bot).*(.*)+(/|;).*",
  "^(([\"'])?[^\"']*([\"'])?)*$",
  "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})*$",
  "^(([A-Z][a-z]*)+)+$",
  "^#([0-9a-f]{3}|[0-9a-f]{6})+$",
  "^(rgb|rgba)\\((\\s*\\d+%?\\s*,?)+\\)$",
  "^(select|insert).*(from|into).*(where.*)*;$",
  "^((\\+|00)?[1-9]{1,3}[ -]?)?(\\(?\\d+\\)?[ -]?)+$",
  "^(\\(?[0-9]+\\)?[-. ]?)+$",
  "^(-?[a-z0-9]+)*-?$",
  "^((?:[a-z]+-?)+)(?:_(?:[a-z]+-?)+)*$",
  "^(cas|cas-[a-z]+|cas-[a-z]+-[a-z]+)+$",
  "Zako(.*)*Down(.*)*!",
  ".*.*=.*",
  "(?:.*\\.)*.*\\.example",
  "(ab|a)*(ba|b)*!",
  "(a+|b+|c+)*d",
  "(?:a|b|c|d|e|f)*f(?:a|b|c|d|e|f){60}",
  "([a-z]+[0-9]*)+!",
  "((.*)(,|;))+!",
  "(\\d+-?)+x",
  "(é+|[à-ÿ])+!",
  "(😀|.)*x",
  "(\\x{1F600}+)+x",
];

const family = (name: string, patterns: readonly string[]): BadPattern[] =>
  patterns.map((pattern) => ({ family: name, pattern }));

/** Patterns of every known kind that does harm; the same ones each time. */
export const REDOS_CORPUS: readonly BadPattern[] = [
  ...family("nested quantifiers", nested),
  ...family("overlapping branches", overlapping),
  ...family("chains", [`${".*".repeat(200)}b!`, "a*a*a*a*a*a*a*a*b", ...chains]),
  ...family("counts", counted),
  ...family("many states", states),
  ...family("bulk", bulk),
  ...family("refused everywhere", [...refusedEverywhere, ...backReferences]),
  ...family("classic", classic),
];

/** Units that hostile texts repeat. */
const UNITS = [
  "a",
  "ab",
  "A",
  " ",
  "0",
  "a.",
  "a@",
  "a-",
  ",",
  "/a",
  "x",
  "(",
  '"',
  "<a ",
  "é",
  "ſ",
  "😀",
  "\n",
  "k-S_1",
];

/** Texts of `length` UTF-16 units or one fewer that nearly match: runs, and an end that fits nothing. */
export function hostileTexts(pattern: string, length: number): string[] {
  const own = pattern.replace(/[^A-Za-z0-9@./=,;: -]/g, "");
  return [...UNITS, ...(own === "" ? [] : [own.slice(0, 50)])].map((unit) => {
    const run = unit.repeat(Math.ceil(length / unit.length)).slice(0, length - 1);
    return `${run}\x07`;
  });
}
