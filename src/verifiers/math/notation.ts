/**
 * One spelling for each notation that people write in several ways: what the parser knows a form of is brought into that
 * form here, on the text. Every row is one notation; their order matters only where a comment says so.
 */

import { numberNamed } from './words.ts'

/** What a text must hold for the row to be tried, the pattern, and the form it is brought into. */
type Row = readonly [sign: string, pattern: RegExp, form: string | ((...groups: string[]) => string)]

/** A number or a letter for a modulus, in braces or bare. */
const MODULUS = String.raw`(?:\\[,;: ]|~|\s)*(\{[^{}]*\}|\d+|[a-zA-Z](?![a-zA-Z]))`
const MOD = String.raw`\\(?:text|mathrm|textrm|mbox|operatorname)\s*\{\s*mod(?:ulo)?\s*\}|\\p?mod(?![a-zA-Z])|(?<![a-zA-Z\\])mod(?![a-zA-Z]|\s*\()`
const DIGITS = 'one|two|three|four|five|six|seven|eight|nine'
const SPACE = String.raw`(?:\\[,;:! ]|\\quad|~|\s)*`

const NOTATIONS: readonly Row[] = [
  // `a \pmod n` says what it is counted by; `a \bmod n` is a number.
  ['mod', /\\(?:text|mathrm|textrm|mbox)\s*\{\s*(\(?)\s*mod(?:ulo)?\s+(\w+)\s*(\)?)\s*\}/g, '$1\\bmod $2$3'],
  ['mod', /\\(?:text|mathrm|textrm|mbox)\s*\{\s*\(\s*mod(?:ulo)?\s*\}/g, '(\\text{mod}'],
  [
    'mod',
    new RegExp(String.raw`(?:\\left)?\(${SPACE}(?:${MOD}|\\bmod)${MODULUS}${SPACE}(?:\\right)?\)`, 'g'),
    pmod,
  ],
  ['mod', new RegExp(`(?:${MOD.replace('p?mod', 'mod')})${MODULUS}`, 'g'), (_, n) => `\\bmod ${n}`],
  [
    'mod',
    /^(.*\\equiv.*?)\\bmod\s*(\{[^{}]*\}|\w+)\s*$/s,
    (_, congruence, n) => `${congruence}${pmod('', n!)}`,
  ],

  // Signs in words: `12 (twelve)` says 12 twice, `12 (six)` does not.
  [
    '(',
    /(\d+)\s*(?:\\text\s*\{\s*)?\(\s*([a-z]+(?:-[a-z]+)?)\s*\)\s*\}?/gi,
    (whole, digits, word) => (numberNamed(word!) === Number(digits) ? digits! : whole!),
  ],
  ['{', /\\(?:text|mathrm|textrm|mbox)\s*\{\s*(?:negative|minus)\s*\}(?=\s*[\d.])/gi, '-'],
  ['{', /\\text\s*\{\s*(?:twice|double)\s*\}(?=\s*\d)/gi, '2\\times '],
  ['{', /^\\text\s*\{\s*(about|around|approximately|roughly)\s+([\d.,]+)\s*\}$/i, '\\text{$1 }$2'],
  ['{', /\\(?:text|mathrm|textrm|mbox)\s*\{\s*(?:negative|minus)\s+(?=[a-z]+\s*\}$)/gi, '-\\text{'],
  [
    'y ',
    new RegExp(
      `(?<![a-zA-Z])(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety) (${DIGITS})(?![a-zA-Z])`,
      'gi',
    ),
    '$1-$2',
  ],

  // Powers of ten, ordinals, and the digit groups of Swiss banks, of India and of programs.
  ['{e}', /(\d)\s*\\(?:text|mathrm)\s*\{e\}\s*\{?([-+]?\d+)\}?/g, '$1e$2'],
  ['10', /(\d)\s*[xX]\s*(?=10\s*\^)/g, '$1\\times '],
  [' x ', /(\d) x (?=\d)/g, '$1\\times '],
  ['^', /(\d)\s*\^\s*\{?\s*(?:\\(?:text|mathrm|textrm|mbox|rm)\s*\{?)?\s*(?:st|nd|rd|th)\s*\}*/g, '$1'],
  ['\\text{', /(\d)\\text\{(?:st|nd|rd|th)\s*\}/g, '$1'],
  ['', /(\d)(?:st|nd|rd|th)(?![a-zA-Z])/g, '$1'],
  ['_', /(?<!\w)\d{1,3}(?:_\d{3})+(?!\w)/g, (number) => number.replaceAll('_', '')],
  ['_', /_\{\s*\}/g, ''],
  ['_', /\((\d+)\)(?=_)/g, '$1'],
  [
    '_',
    new RegExp(String.raw`_\{\s*(?:\\text\s*\{)?\s*(${DIGITS}|ten|twelve|sixteen)\s*\}+`, 'g'),
    (_, name) => `_{${numberNamed(name!)}}`,
  ],
  ["'", /(?<![\d'.,])\d{1,3}(?:'\d{3})+(?![\d'])/g, (number) => number.replaceAll("'", '')],
  [',', /(?<![\d,.])\d{1,2}(?:,\d{2})+,\d{3}(?![\d,])/g, (number) => number.replaceAll(',', '')],

  // Fractions and roots, half-written and the old way.
  ['/', /\^\s*\{?(\d+)\}?(?:\s|\\!)*\/(?:\s|\\!)*_\s*\{?(\d+)\}?/g, '\\frac{$1}{$2}'],
  ['frac', /(?<![\\a-zA-Z])[dtc]?frac(?=\s*\{)/g, '\\frac'],
  ['sqrt', /(?<![\\a-zA-Z])(sqrt)(?=\s*\{)/g, '\\sqrt'],
  ['\\over', /^([^{}]*)\\over(?![a-z])([^{}]*)$/, '\\frac{$1}{$2}'],
  ['\\over', /\{([^{}]*)\\over(?![a-z])([^{}]*)\}/g, '\\frac{$1}{$2}'],
  ['half', /(\d)\s*\\text\s*\{\s*and (?:a|one) half\b\s*/g, '$1 \\frac{1}{2}\\text{'],

  // `_5C_2`, `{}_5 C_2` and `^5C_2` count combinations, `!4` derangements.
  [
    'C',
    /(?:\{\s*\})?\s*[_^]\s*\{?(\d+)\}?\s*(?:\\(?:text|mathrm)\s*\{\s*C\s*\}|C)\s*_\s*\{?(\d+)\}?/g,
    '\\binom{$1}{$2}',
  ],
  ['C', /^\s*(\d+)\s*C\s*(\d+)\s*$/, '\\binom{$1}{$2}'],
  ['P', /(?:\{\s*\})?\s*[_^]\s*\{?(\d+)\}?\s*P\s*_\s*\{?(\d+)\}?/g, '\\binom{$1}{$2}\\cdot $2!'],
  ['!', /(?<![\w\\}])!\s*(\d+)(?![\d!])/g, '\\subfactorial{$1}'],

  // Signs of equality, sets and money.
  ['coloneq', /\\coloneqq?(?![a-zA-Z])/g, '='],
  ['\\triangleq', /\\triangleq(?![a-zA-Z])/g, '='],
  ['{=}', /\\(?:stackrel|overset)\s*\{[^{}]*\}\s*\{=\}/g, '='],
  ['\\not', /\\not\s*=/g, '\\ne '],
  ['=', /^\s*(?:\\(?:lim|max|min|sup|inf)(?![a-zA-Z])|\\text\s*\{\s*(?:lim|max|min|sup|inf)\s*\})\s*=/, ''],
  ['\\lim', /^\s*\\lim\s*_\s*\{[^{}]*\}[^=]+=\s*(?=[^=]+$)/, ''],
  ['+/-', /\+\s?\/\s?-/g, '\\pm '],
  [
    'prime',
    /\^\s*(?:\{\s*((?:\\prime\s*)+)\}|(\\prime))/g,
    (_, group, single) => "'".repeat((group ?? single)!.split('prime').length - 1),
  ],
  ['\\{', /\\(max|min|gcd)\s*(?:\\left)?\\\{([^{}\\]*)(?:\\right)?\\\}/g, '\\$1($2)'],
  ['\\surd', /\\surd(?![a-zA-Z])/g, '\\sqrt '],
  ['\\text{', /\\text\{\s*([$€£¥₹])\s*\}/g, '$1'],
  ['\\in', /\\in\s*([ZNRQ])(?![a-zA-Z])/g, '\\in \\mathbb{$1}'],
  ['$', /^([-+]?)\$(?=\s?[\d.][^$]*$)/, '$1\\$$'],
]

function pmod(_: string, modulus: string): string {
  return `\\pmod{${modulus.replace(/^\{|\}$/g, '')}}`
}

/** Marks that only decorate, with what belongs to them. */
const DECORATIONS =
  /\\tag\*?\s*\{[^{}]*\}|\\(?:[hv]space|hskip|label|footnote|phantom|[vh]phantom|rule\s*\{[^{}]*\})\*?\s*\{[^{}]*\}|\\(?:checkmark|blacksquare|square|Box|qed|qedsymbol|therefore|because)(?![a-zA-Z])|[∴✓✔✅☑■□∎🎉]/gu

const MAY_DECORATE =
  /\\(?:tag|[hv]space|hskip|label|footnote|[vh]?phantom|rule|checkmark|blacksquare|square|Box|qed|therefore|because)|[∴✓✔✅☑■□∎]|🎉/u

/** `\underbrace{42}` is 42; with a label, `\overbrace{42}^{n}`, it says something else. */
const BARE_BRACE = /\\(?:under|over)brace\s*\{([^{}]*)\}(?!\s*[_^])/g

export function standardNotation(text: string): string {
  let standard = text
  if (text.includes('brace')) standard = standard.replace(BARE_BRACE, '{$1}')
  if (MAY_DECORATE.test(text)) standard = standard.replace(DECORATIONS, ' ')
  for (const [sign, pattern, form] of NOTATIONS)
    if (standard.includes(sign)) standard = standard.replace(pattern, form as string)
  return standard
}
