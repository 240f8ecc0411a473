/**
 * One spelling for each notation that people write in several ways: what the parser knows a form of is brought into that
 * form here, on the text. Every row is one notation; their order matters only where a comment says so.
 */

type Row = readonly [RegExp, string | ((...groups: string[]) => string)]

/** A number or a letter for a modulus, in braces or bare. */
const MODULUS = String.raw`(?:\\[,;: ]|~|\s)*(\{[^{}]*\}|\d+|[a-zA-Z](?![a-zA-Z]))`
const MOD = String.raw`\\(?:text|mathrm|textrm|mbox|operatorname)\s*\{\s*mod\s*\}|\\p?mod(?![a-zA-Z])|(?<![a-zA-Z\\])mod(?![a-zA-Z]|\s*\()`
const SPACE = String.raw`(?:\\[,;:! ]|\\quad|~|\s)*`

const NOTATIONS: readonly Row[] = [
  // `a \pmod n` says what it is counted by; `a \bmod n` is a number.
  [/\\(?:text|mathrm|textrm|mbox)\s*\{\s*(\(?)\s*mod\s+(\w+)\s*(\)?)\s*\}/g, '$1\\bmod $2$3'],
  [new RegExp(String.raw`(?:\\left)?\(${SPACE}(?:${MOD}|\\bmod)${MODULUS}${SPACE}(?:\\right)?\)`, 'g'), pmod],
  [new RegExp(String.raw`(?:${MOD.replace('p?mod', 'mod')})${MODULUS}`, 'g'), (_, n) => `\\bmod ${n}`],
  [/^(.*\\equiv.*?)\\bmod\s*(\{[^{}]*\}|\w+)\s*$/s, (_, congruence, n) => `${congruence}${pmod('', n!)}`],

  // Powers of ten, ordinals, half-written fractions, dates' and banks' separators.
  [/(\d)\s*(?:\\text\s*\{\s*e\s*\}|\\mathrm\s*\{\s*e\s*\})\s*\{?([-+]?\d+)\}?/gi, '$1e$2'],
  [/(\d)\s*[xX]\s*(?=10\s*\^)/g, '$1\\times '],
  [/(\d)\s*\^\s*\{?\s*(?:\\(?:text|mathrm|textrm|mbox|rm)\s*\{?)?\s*(?:st|nd|rd|th)\s*\}*/g, '$1'],
  [/(\d)(?:\\text\s*\{)(?:st|nd|rd|th)\s*\}/g, '$1'],
  [/\^\s*\{?(\d+)\}?\s*\/\s*_\s*\{?(\d+)\}?/g, '\\frac{$1}{$2}'],
  [/(?<![\\a-zA-Z])[dtc]?frac(?=\s*\{)/g, '\\frac'],
  [/(?<![\\a-zA-Z])(sqrt)(?=\s*\{)/g, '\\sqrt'],
  [/(?<![\d'.,])\d{1,3}(?:'\d{3})+(?![\d'])/g, (number) => number.replaceAll("'", '')],
  [/(?<![\d,.])\d{1,2}(?:,\d{2})+,\d{3}(?![\d,])/g, (number) => number.replaceAll(',', '')],

  // `_5C_2`, `{}_5 C_2`, `^5C_2` and `C(5, 2)` count combinations.
  [
    /(?:\{\s*\})?\s*[_^]\s*\{?(\d+)\}?\s*(?:\\(?:text|mathrm)\s*\{\s*C\s*\}|C)\s*_\s*\{?(\d+)\}?/g,
    '\\binom{$1}{$2}',
  ],
  [/(?<![\w\\}])!\s*(\d+)(?![\d!])/g, '\\subfactorial{$1}'],

  // Operations and halves in words.
  [/(\d)\s*\\text\s*\{\s*and (?:a|one) half\b\s*/g, '$1 \\frac{1}{2}\\text{'],
  [
    /\\(?:coloneqq|coloneq|triangleq|stackrel\s*\{[^{}]*\}\s*\{\s*=\s*\}|overset\s*\{[^{}]*\}\s*\{\s*=\s*\})/g,
    '=',
  ],
  [/\\not\s*=/g, '\\ne '],
  [/^\s*\\(?:lim|max|min|sup|inf)(?![a-zA-Z])\s*=/, ''],

  // Fractions the old way.
  [/^([^{}]*)\\over(?![a-z])([^{}]*)$/, '\\frac{$1}{$2}'],
  [/\{([^{}]*)\\over(?![a-z])([^{}]*)\}/g, '\\frac{$1}{$2}'],
  [/\\in\s*([ZNRQ])(?![a-zA-Z])/g, '\\in \\mathbb{$1}'],
  [/^([-+]?)\$(?=\s?[\d.][^$]*$)/, '$1\\$$'],
]

function pmod(_: string, modulus: string): string {
  return `\\pmod{${modulus.replace(/^\{|\}$/g, '')}}`
}

/** Marks that only decorate, with what belongs to them. */
const DECORATIONS =
  /\\tag\*?\s*\{[^{}]*\}|\\(?:[hv]space|hskip|label|phantom|[vh]phantom|rule\s*\{[^{}]*\})\*?\s*\{[^{}]*\}|\\(?:checkmark|blacksquare|square|Box|qed|qedsymbol|therefore|because)(?![a-zA-Z])|[∴✓✔✅☑■□∎🎉]/gu

/** `\underbrace{42}` is 42; with a label, `\overbrace{42}^{n}`, it says something else. */
const BARE_BRACE = /\\(?:under|over)brace\s*\{([^{}]*)\}(?!\s*[_^])/g

export function standardNotation(text: string): string {
  let standard = text
  if (/\\|[^\p{ASCII}]/u.test(text)) standard = standard.replace(BARE_BRACE, '{$1}').replace(DECORATIONS, ' ')
  for (const [pattern, form] of NOTATIONS) standard = standard.replace(pattern, form as string)
  return standard
}
