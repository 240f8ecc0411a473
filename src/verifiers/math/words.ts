/** The vocabulary of answers: names of functions, numbers in words, joining words. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    'sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc asin acos atan sinh cosh tanh coth sech csch arsinh arcosh artanh ' +
    'arcsinh arccosh arctanh ln log lg exp sqrt cbrt abs floor ceil gcd lcm min max sgn det Re Im arg mod'
  ).split(' '),
)

const ALIASES: Record<string, string> = {
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  tg: 'tan',
  ctg: 'cot',
  cotg: 'cot',
  arctg: 'arctan',
  arcctg: 'arccot',
  sh: 'sinh',
  ch: 'cosh',
  th: 'tanh',
  arsinh: 'arcsinh',
  arcosh: 'arccosh',
  artanh: 'arctanh',
  cosec: 'csc',
  ceiling: 'ceil',
  GCD: 'gcd',
  LCM: 'lcm',
}

/** The function a run of letters names, or null. */
export function functionNamed(word: string): string | null {
  const name = Object.hasOwn(ALIASES, word) ? ALIASES[word]! : word
  return FUNCTIONS.has(name) ? name : null
}

const NUMBER_WORDS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  )

export function numberNamed(word: string): number | null {
  const index = NUMBER_WORDS.indexOf(word.toLowerCase())
  return index < 0 ? null : index
}

/** Whole answers in words that mean a set or a value. */
const PHRASES: [RegExp, string][] = [
  [
    /^(there (is|are) )?no (real |integer |positive |such )*(solutions?|roots?|values?|answers?|integers?|numbers?|intersections?)( exists?)?$|^none$|^(the )?empty set$|^无解$|^pas de solution$/,
    '∅',
  ],
  [/^(the set of )?(all )?reals?( numbers?)?$|^any real( number)?$|^全体实数$|^tous les réels$/, 'ℝ'],
  [/^(the set of )?(all )?integers?$/, 'ℤ'],
  [/^(positive |plus )?infinity$|^inf$/, 'infinity'],
]

export function phraseNamed(text: string): string | null {
  const plain = text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[.。!]+$/, '')
    .trim()
  return PHRASES.find(([pattern]) => pattern.test(plain))?.[1] ?? null
}

/** Joining words between the members of a list, by what they join. */
export function joinerNamed(word: string): 'and' | 'or' | null {
  if (/^(and|&|et|und|и|和|且|与|及)$/i.test(word)) return 'and'
  if (/^(or|ou|oder|或|或者|или)$/i.test(word)) return 'or'
  return null
}

/** The operands of Chinese and Western text alike, without marks: how two answers in words are compared. */
export function plainWords(text: string): string {
  return text
    .replace(/\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|operatorname|textnormal)\s*(?=\{)/g, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\\[a-z]+/g, (command) => ` ${command.slice(1)} `)
    .replace(/[’'`]/g, '')
    .replace(/[^\p{L}\p{N}+\-*/=<>^.%]+/gu, ' ')
    .replace(/\.(?!\d)/g, ' ')
    .replace(/^(?:\s*(?:the|an?)\s)+/, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
