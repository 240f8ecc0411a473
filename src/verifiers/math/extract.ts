/**
 * Which part of a response is its answer: a value that a box or "the final answer is" states, whichever comes last; else
 * what follows "the answer is"; else the last marked mathematics; else the last plain number. Joined candidates ("3 or 4")
 * are one answer, so that listing many hits nothing.
 */
import { plainNumerals, repairEscapes } from './clean.ts'
import { readAnswer } from './read.ts'
import { boxedSpans, firstGroup, isJoined, lastBoxGroup, lastGroup, mathSpans, type Span } from './spans.ts'

export type MatchType = 'latex' | 'expr' | 'string'

const STRONG =
  /(?:\bfinal\s+answer\b|#{4}(?=\s*[-\d\\$(])|最终答案|最后答案|\bréponse\s+finale\b|\brespuesta\s+final\b)[\s*_:：=是为]*(?:(?:is|est|es)\b[\s*_:：=]*)?/gi
/** What makes the phrase a statement and no mention, as in "this final answer satisfies both". */
const STATING = /\b(?:is|est|es)\b|[:：=是为#\n]/i
/** An exact value and no words about one: neither "in square centimeters" nor "approximately 0.333". */
const VALUE =
  /^[\s*_`>]*(?:(?:therefore|thus|simply|just|clearly|exactly|equal to|given by)\b,?\s*)?(?!(?:\$+|\\[([])?\s*(?:\\approx|≈))(?:[-+−±√π∞([{$.\d]|\\(?!text\b)|(?:sqrt|pi)\b|(?![ai]\s+[a-z])[a-z](?![\p{L}'’-]))/iu
const WEAK =
  /(?:\b(?:the\s+|my\s+)?(?:correct\s+|right\s+)?answers?\b(?:\s+to\s+[^.\n$]{1,40})?\s*(?:(?:is|are|would\s+be|will\s+be|must\s+be|should\s+be|equals)\b(?:\s*:)?|[:=])|答案(?:应?该?[是为]|：|:)|(?:故|应|所以|因此|正确)选(?:项|择)?[\s是为：:]*(?=[A-J](?![a-z]))|(?:la\s+)?réponse\s+(?:correcte\s+)?(?:est|:)|la\s+respuesta\s+(?:correcta\s+)?es|respuesta\s*:|die\s+antwort\s+(?:ist|lautet)|antwort\s*:|a\s+resposta\s+é|resposta\s*:|la\s+risposta\s+è|risposta\s*:|ответ\s*[:—-]|答えは|정답은)[\s*_:：=]*/gi
/** What stands right before a number that is no answer: `not 17`, `cannot be 17`, `at least 17`, `x > 17`, `Step 17`. */
const DENIED =
  /(?:\b(?:step|question|problem|example|exercise|theorem|equation|figure|table)\s*|\b(?:not|cannot|never|rather than|instead of|(?:great|larg|small|low|high|few)er than|(?:less|more) than|than or equal to|at (?:least|most)|up to|below|above|under|over|exceeds?|minus|negative)|n['’]t\b|\bpas|不是|不等于|并非|大于|小于|高于|低于|多于|少于|超过|至少|至多|最多|最少|(?<=[^\s<>=-][ \t]*)(?<!<\/?[a-z]{1,9})[<>]=?|[≤≥≠⩽⩾≦≧]|\\(?:[lg]eq?|neq?|[lg]t)\b)\s*(?:\b(?:be|equal|to|just|exactly|simply)\b\s*)*(?:\\[([]|[$*\s])*$/i
const TURN_MARKS = /<\|(?:im_start|im_end|endoftext|eot_id|end|user|assistant)\|>|<｜[^｜<>]{1,40}｜>|<\/s>/
const NUMBER = String.raw`[-+−]?\s?(?:[$€£¥]\s?)?(?:\d{1,3}(?:[,\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?:\s?\/\s?\d+(?:\.\d+)?)?`
/** `3 million`, `5万`. */
const SCALE = String.raw`\s?(?:(?:hundred|thousand|million|billion|trillion|dozen)\b|[百千万亿])`
const PLAIN_NUMBER = new RegExp(
  String.raw`(?<![\w.:\\^_{])(?:\d+\s+(?=\d+\/\d))?${NUMBER}(?:\s?(?:\\?%|percent\b|°)|${SCALE})?(?![\w^{\\]|:\d)`,
  'gi',
)
const MAX_PLAIN = 200

export interface Extraction {
  text: string
  /** How it was found, for the verdict's reason. */
  source: 'box' | 'phrase' | 'mathematics' | 'whole' | 'number'
}

export function extractAnswer(
  response: string,
  matchTypes: readonly MatchType[] = ['latex', 'expr'],
): Extraction | null {
  const text = plainNumerals(answerPart(repairEscapes(response)))
  if (text.trim() === '') return null
  const allowPlain = matchTypes.includes('expr') || matchTypes.includes('string')
  const box = matchTypes.includes('latex') ? lastBox(text) : null
  const spans = mathSpans(text)
  const strong = afterPhrase(text, STRONG, box?.end ?? 0, allowPlain, box ? statesValue : undefined)
  if (strong) return { text: strong, source: 'phrase' }
  if (box) return { text: box.inner, source: 'box' }
  if (hasOpenBox(text)) return null
  const weak = afterPhrase(text, WEAK, 0, allowPlain)
  if (weak) return { text: weak, source: 'phrase' }
  const whole = wholeText(text, allowPlain, spans.length)
  if (whole) return { text: whole, source: 'whole' }
  const stated = withoutConditions(text, spans)
  const marked = lastGroup(text, stated)
  const last = stated.at(-1)
  if (marked && last?.isSound)
    return isDenied(text, marked.start) ? null : { text: marked.inner, source: 'mathematics' }
  const number = allowPlain ? lastNumber(masked(text, spans)) : null
  return number ? { text: number, source: 'number' } : null
}

const isDenied = (text: string, at: number): boolean => DENIED.test(text.slice(Math.max(0, at - 60), at))

/** Drops the variable of a closing `for all $n$`, which says what the answer is about and is not it. */
function withoutConditions(text: string, spans: readonly Span[]): readonly Span[] {
  const last = spans.at(-1)
  const isCondition =
    last !== undefined &&
    /^\s*[a-zA-Z]\s*$/.test(last.inner) &&
    /\bfor (?:all|any|each|every|some)\s*(?:integers?|reals?|positive|\s)*$/.test(
      text.slice(0, last.start).slice(-60),
    )
  return isCondition ? spans.slice(0, -1) : spans
}

/** The part that answers: after the thinking, inside the last `<answer>`, before another turn begins. */
function answerPart(response: string): string {
  let text = response
  const turn = TURN_MARKS.exec(text)
  if (turn && turn.index > 0) text = text.slice(0, turn.index)
  const thinkingEnd = text.lastIndexOf('</think>')
  if (thinkingEnd >= 0) text = text.slice(thinkingEnd + 8)
  const open = text.lastIndexOf('<answer>')
  if (thinkingEnd < 0 && open < 0 && /^\s*<think>/.test(text)) return ''
  if (open >= 0) {
    const close = text.indexOf('</answer>', open)
    text = text.slice(open + 8, close < 0 ? undefined : close)
  }
  return text.replace(/```[a-z]*\n?/gi, '\n')
}

function lastBox(text: string): { inner: string; end: number } | null {
  const group = lastBoxGroup(text, boxedSpans(text))
  return group && { inner: group.inner, end: group.end }
}

/** A box the end of the text cuts off: the response was truncated, and its answer is unknown. */
function hasOpenBox(text: string): boolean {
  const at = text.lastIndexOf('\\boxed{')
  return at >= 0 && !/^\\boxed\{\s*\}/.test(text.slice(at))
}

const statesValue = (phrase: string, rest: string): boolean => STATING.test(phrase) && VALUE.test(rest)

function afterPhrase(
  text: string,
  phrase: RegExp,
  from: number,
  allowPlain: boolean,
  counts: (phrase: string, rest: string) => boolean = () => true,
): string | null {
  for (const match of [...text.slice(from).matchAll(phrase)].slice(-50).reverse()) {
    const place = from + match.index + match[0].length
    const answer = counts(match[0], text.slice(place, place + 80)) ? answerAt(text, place, allowPlain) : null
    if (answer) return answer
  }
  return null
}

/** The answer that begins here: the first marked mathematics of the sentence, or its plain text. */
function answerAt(text: string, position: number, allowPlain: boolean): string | null {
  const rest = text.slice(position, position + 3_000).replace(/^[\s*_:：>#]+/, '')
  const spans = mathSpans(rest)
  const end = sentenceEnd(rest, spans)
  if (rest[end] === '?') return null
  const inside = spans.filter((span) => span.start < end && span.isSound)
  const group = firstGroup(rest, inside)
  const lead = group ? rest.slice(0, group.start) : rest.slice(0, end)
  if (group && isDenied(lead, lead.length)) return null
  const plain = allowPlain ? plainAnswer(lead) : null
  if (group && !(plain && /\d/.test(plain))) {
    if (lead.length <= 80) return group.inner
    return null
  }
  return plain
}

function sentenceEnd(rest: string, spans: readonly { start: number; end: number }[]): number {
  const ending = /[.!?](?=\s|$|\*|["”])|[。！？]|\n|<(?=[a-z/|｜])/g
  for (let match = ending.exec(rest); match; match = ending.exec(rest)) {
    const inside = spans.find((span) => span.start < match!.index && match!.index < span.end)
    if (!inside) return match.index
    ending.lastIndex = inside.end
  }
  return rest.length
}

/** The answer in one plain sentence: all of it where it is short or mathematics, else its first numbers. */
function plainAnswer(sentence: string): string | null {
  const bare = sentence
    .replace(/\*\*|__|`/g, '')
    .trim()
    .replace(/^(?:therefore|thus|simply|just|clearly|exactly|equal to|given by)\b,?\s*/i, '')
  if (bare === '' || bare.length > 400) return null
  const clause = bare.split(
    /\s+(?:because|since|as|so|which|when|where|for|if|after|before)\s|;\s+(?=[a-z]{3})|,\s+(?=(?:which|because|since|so|as|where)\b)|\s\((?![A-Ja-j]\))/i,
  )[0]!
  if (clause.length <= MAX_PLAIN && readAnswer(clause).isReadable) return clause
  return firstNumbers(clause) ?? (bare.length <= MAX_PLAIN ? clause : null)
}

/** A response that is nothing but an answer. */
function wholeText(text: string, allowPlain: boolean, numSpans: number): string | null {
  const bare = text.trim()
  const isShort =
    bare.length <= MAX_PLAIN ||
    (bare.length <= 1_000 && !/\s[a-z]{3,}\s+[a-z]{2,}\s/i.test(bare.replace(/\\text\s*\{[^{}]*\}/g, '')))
  if (!isShort) return null
  if (numSpans > 0 && isOneSpan(bare)) return bare
  if (!allowPlain && !/\\[a-zA-Z]/.test(bare)) return null
  if (bare.includes('\n') && !bare.includes('\\begin{')) return null
  if (numSpans > 0 || (/\\[[(]/.test(bare) && !/\\begin/.test(bare))) return null
  const read = readAnswer(bare)
  if (read.text === '' || bare.includes('\\boxed')) return null
  // Numbers side by side are no answer, and none of them is.
  if (read.isReadable || read.choice || /^[\d\s]+$/.test(bare)) return bare
  const isLatex =
    /\\[a-zA-Z]/.test(bare) &&
    !/(?<![\\a-zA-Z])[a-zA-Z]{3,}\s+[a-zA-Z]{2,}/.test(bare.replace(/\\text\s*\{[^{}]*\}/g, ''))
  if (isLatex) return bare
  const isPhrase = bare.length <= 80 && bare.split(/\s+/).length <= 8 && !/[.!?]\s/.test(bare)
  return isPhrase && lastNumber(bare) === null ? bare : null
}

/** Is the text one marked piece, or several with only joining marks between? */
function isOneSpan(text: string): boolean {
  const spans = mathSpans(text)
  return spans.length === 1 && spans[0]!.isSound && spans[0]!.start === 0 && spans[0]!.end === text.length
}

/** Blanks out the marked mathematics: a number inside it is not plain text. */
function masked(text: string, spans: readonly { start: number; end: number }[]): string {
  let result = ''
  let at = 0
  for (const span of spans) {
    result += `${text.slice(at, span.start)} ⟦⟧ `
    at = span.end
  }
  return result + text.slice(at)
}

function numberSpans(text: string): { start: number; end: number; inner: string; isSound: boolean }[] {
  return [...text.matchAll(PLAIN_NUMBER)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    inner: match[0].trim(),
    isSound: true,
  }))
}

function lastNumber(text: string): string | null {
  const tail = text.slice(-4_000)
  const spans = numberSpans(tail)
  const group = lastGroup(
    tail,
    spans.filter((_, k) => k === spans.length - 1 || isNear(tail, spans, k)),
  )
  const isAsked = group !== null && /^[?？]/.test(tail.slice(group.end))
  return group && !isAsked && !isDenied(tail, group.start) ? group.inner : null
}

const isNear = (text: string, spans: readonly { start: number; end: number }[], k: number): boolean =>
  isJoined(text.slice(spans[k]!.end, spans[k + 1]!.start))

function firstNumbers(text: string): string | null {
  const group = firstGroup(text, numberSpans(text))
  return group && !isDenied(text, group.start) ? group.inner : null
}
