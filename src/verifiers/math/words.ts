/** The vocabulary of answers: names of functions, numbers in words, joining words. */
const FUNCTIONS: ReadonlySet<string> = new Set(
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
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )

const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/** The value of `seven`, `forty` or `forty-two`, or null. */
export function numberNamed(word: string): number | null {
  const [first = '', second] = word.toLowerCase().split('-')
  const ten = TENS.indexOf(first)
  if (second === undefined) return ten >= 0 ? 20 + 10 * ten : unitNamed(first)
  const unit = unitNamed(second)
  return ten >= 0 && unit !== null && unit > 0 && unit < 10 ? 20 + 10 * ten + unit : null
}

function unitNamed(word: string): number | null {
  const index = NUMBER_WORDS.indexOf(word)
  return index < 0 ? null : index
}

const PARTS = 'half third quarter fifth sixth seventh eighth ninth tenth'.split(' ')

/** `one half` or `two-thirds` as [1, 2] or [2, 3], or null; a bare `third` is an ordinal. */
export function fractionNamed(text: string): [number, number] | null {
  const [, count, part = ''] =
    /^(?:(an?|[a-z]+)[\s-])?([a-z]+?)(?:(?<=hal)ves|(?<!s)s)?$/i.exec(text.trim()) ?? []
  const below = PARTS.indexOf(
    part
      .toLowerCase()
      .replace(/^fourth$/, 'quarter')
      .replace(/^hal$/, 'half'),
  )
  const above = count === undefined ? (below === 0 ? 1 : null) : /^an?$/i.test(count) ? 1 : numberNamed(count)
  return below < 0 || !above ? null : [above, below + 2]
}

/** `four apples` as `4 \\text{ apples}`, or null. */
export function countNamed(text: string): string | null {
  const [, number = '', counted = ''] = /^([a-z]+(?:-[a-z]+)?) ((?:[a-z]{3,} )?[a-z]{2,}s)$/i.exec(text) ?? []
  const isCount =
    counted !== '' && !/\b(?:times|less|plus|minus|others?|and|or|of|more|half)\b/i.test(counted)
  const value = isCount && fractionNamed(text) === null ? numberNamed(number) : null
  return value === null ? null : `${value} \\text{ ${counted}}`
}

const SCALES: Record<string, number> = {
  dozen: 12,
  hundred: 100,
  thousand: 1_000,
  million: 1_000_000,
  billion: 1_000_000_000,
  trillion: 1_000_000_000_000,
  百: 100,
  千: 1_000,
  万: 10_000,
  亿: 100_000_000,
}

/** What a word after a number multiplies it by: `2.5 million`, `3万`; null where it is no such word. */
export function scaleNamed(word: string): number | null {
  const name = word.toLowerCase()
  return Object.hasOwn(SCALES, name) ? SCALES[name]! : null
}

/** Whole answers in words that mean a set or a value. */
const PHRASES: [RegExp, string][] = [
  [
    /^(there (is|are) )?no (real |integer |positive |such )*(solutions?|roots?|values?|answers?|integers?|numbers?|intersections?)( exists?)?$|^none$|^(the )?empty set$|^(there (is|are) )?no solutions? exists?$|^(该?方程)?无解$|^(il n'y a )?(pas de|aucune) solution$/,
    '∅',
  ],
  [/^(the set of )?(all )?reals?( numbers?)?$|^any real( number)?$|^全体实数$|^tous les réels$/, 'ℝ'],
  [/^(the set of )?(all )?integers?$/, 'ℤ'],
  [/^(positive |plus )?infinity$|^inf$/, 'infinity'],
  [/^(it |the limit )?(does not|doesn't) exist$|^dne$|^不存在$/, 'nonexistent'],
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

const MONTH =
  '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?'
const DAY_FIRST = new RegExp(String.raw`\b(\d{1,2})(?:st|nd|rd|th)? (?:of )?${MONTH}\b`)
const DAY_ORDINAL = new RegExp(String.raw`\b${MONTH} (?:the )?(\d{1,2})(?:st|nd|rd|th)?\b`)

/**
 * How two answers in words are compared, Chinese and Western alike: without the marks of a sentence. Brackets, bars, the
 * colon of a ratio and the sign of a factorial stay, since the words may be those of a formula: `ln(x) + 1` is not `ln(x + 1)`.
 */
export function plainWords(text: string): string {
  return text
    .replace(/\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|operatorname|textnormal)\s*(?=\{)/g, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\\[a-z]+/g, (command) => ` ${command.slice(1)} `)
    .replace(/[’'`]/g, '')
    .replace(/[^\p{L}\p{N}+\-*/=<>^.%()[\]|!:]+/gu, ' ')
    .replace(/(?<!\d):|:(?!\d)/g, ' ')
    .replace(/\s*([()[\]|])\s*/g, ' $1 ')
    .replace(/\( (\p{L}) \)/gu, '$1')
    .replace(/(?<=\p{L}{2})!/gu, ' ')
    .replace(/\.(?!\d)/g, ' ')
    .replace(/^(?:\s*(?:the|an?)\s)+/, ' ')
    .replace(DAY_FIRST, '$2 $1')
    .replace(DAY_ORDINAL, '$1 $2')
    .replace(/\s+/g, ' ')
    .trim()
}
