/** Cuts prose into the pieces that an unmarked expression can be made of; what is no piece ends an expression. */

const GROUP = String.raw`\{[^{}\n]*(?:\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}[^{}\n]*)*\}`
const DIGITS = String.raw`\d*[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]|\d{1,3}(?:(?:,\\!\s?|[,\u202f])\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d+(?:[.,]\d+)?(?:\.\.\.|…)?|\.\d+`
const CURRENCY = String.raw`(?:\\\$|[$€£¥₹])\s?`
const SCALE = String.raw`\s?(?:(?:hundred|thousand|million|billion|trillion|dozen)\b|[百千万亿])`
const PERCENT = String.raw`\s?(?:\\?%|percent\b|°|\$(?![\d\w]))`
const NUMBER = String.raw`(?:${CURRENCY})?(?:${DIGITS})(?:[eE][-+]?\d+(?![\w.]))?(?:${PERCENT}|${SCALE})?`

/** The kinds of piece, first match first. */
const KINDS = {
  tag: String.raw`<\/?[a-z]{1,10}(?:\s[^<>\n]*)?>`,
  date: String.raw`\d{1,2}(?:st|nd|rd|th)?\s(?:of\s)?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*,?\s\d{4}(?!\d)`,
  footnote: String.raw`(?<=[\w.,)]\s?)\[\d{1,2}\](?!\s*[-+*/^=,\d])`,
  vector: String.raw`<\s*[-−]?\d[^<>\n]{0,60},[^<>\n]{1,60}>|\|[^|\s](?:[^|\n]{0,40}[^|\s])?\||⌊[^⌊⌋\n]{1,40}⌋|⌈[^⌈⌉\n]{1,40}⌉`,
  command: String.raw`\\(?:[a-zA-Z]+)\*?(?:\s?(?:\[[^\]\n]{0,40}\]|${GROUP}))*`,
  number: NUMBER,
  word: String.raw`\p{Script=Latin}+(?:['’]\p{Script=Latin}+)*`,
  constant: '[π∞]',
  root: '[√∛]',
  greek: `[α-ωΑ-Ω]'?`,
  sign: String.raw`<=|>=|!=|\*\*|:=|\+\/-|[-−–+*/^_=<>≤≥≠≈±∓×·⋅÷≡∈∪∩:]`,
  postfix: `[!%°'′]`,
  open: '[([{]',
  close: String.raw`[)\]}]`,
  comma: ',',
} as const
type PieceKind = keyof typeof KINDS
const NAMES = Object.keys(KINDS) as PieceKind[]
const PIECE = new RegExp(NAMES.map((kind) => `(?<${kind}>${KINDS[kind]})`).join('|'), 'giu')

export interface Piece {
  kind: PieceKind
  text: string
  start: number
  end: number
}

export function piecesOf(text: string): Piece[] {
  return [...text.matchAll(PIECE)].map((match) => ({
    kind: NAMES.find((kind) => match.groups![kind] !== undefined)!,
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }))
}
