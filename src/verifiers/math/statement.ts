/** What a sentence states as its value: at a phrase that announces it, or by the sentence alone. */
import { CLOSING, DENIED, GIVES_UP, HEDGED } from './phrases.ts'
import { expressionSpans } from './plain-expression.ts'
import { readAnswer } from './read.ts'
import { firstGroup, isJoined, lastGroup, mathSpans, type Span } from './spans.ts'
import { isUnitWord } from './units.ts'

const MAX_PLAIN = 200

const isDenied = (text: string, at: number): boolean => DENIED.test(text.slice(Math.max(0, at - 60), at))

const BULLET = /^(?:[-*•‣●]\s+|\d{1,2}[.)]\s+(?=\S))/

/** The answer that begins here: the first marked mathematics of the sentence, or its plain text; of a list, every item. */
export function answerAt(text: string, position: number, allowPlain: boolean): string | null {
  const rest = text.slice(position, position + 3_000)
  const lead = /^[\s*_:：>#]*/.exec(rest)![0]
  const body = rest.slice(lead.length)
  const isNewLine =
    /\n/.test(lead) || /(?:^|\n)[ \t*_>]*$/.test(text.slice(Math.max(0, position - 40), position) + lead)
  if (isNewLine && BULLET.test(body)) return listedAnswer(body, allowPlain)
  // A dash set apart is no minus.
  return sentenceAnswer(body.replace(/^—\s+/, ''), allowPlain)
}

/** The items of a list that begins here, each an answer; null where one of them is none. */
function listedAnswer(body: string, allowPlain: boolean): string | null {
  const items: string[] = []
  for (const line of body.split(/\n+/)) {
    const bullet = BULLET.exec(line.trimStart())
    if (!bullet) break
    const item = sentenceAnswer(
      line
        .trimStart()
        .slice(bullet[0].length)
        .replace(/^[*_]+/, ''),
      allowPlain,
    )
    if (item === null) return null
    items.push(item)
  }
  return items.length > 0 ? items.join(', ') : null
}

function sentenceAnswer(rest: string, allowPlain: boolean): string | null {
  const spans = mathSpans(rest)
  const end = sentenceEnd(rest, spans)
  if (rest[end] === '?') return null
  const inside = spans.filter((span) => span.start < end && span.isSound)
  const group = firstGroup(rest, inside)
  const lead = group ? rest.slice(0, group.start) : rest.slice(0, end)
  if (group && isDenied(lead, lead.length)) return null
  const plain = allowPlain ? plainAnswer(lead) : null
  if (group && !(plain && /\d/.test(plain))) {
    if (lead.length > 80) return null
    return HEDGED.test(rest.slice(group.end, end)) ? rest.slice(group.start, end) : group.inner
  }
  return plain
}

/** Where the sentence that begins here ends; marked mathematics is passed over whole. */
function sentenceEnd(rest: string, spans: readonly { start: number; end: number }[]): number {
  const ending = /(?<!\\)[.!?](?=\s|$|\*|["”'])|!(?=!+(?:\s|$))|[。！？]|\n|<(?=[a-z/|｜])/g
  for (let match = ending.exec(rest); match; match = ending.exec(rest)) {
    const inside = spans.find((span) => span.start < match!.index && match!.index < span.end)
    const isFactorial =
      match[0] === '!' && /^!(?=\s+(?:\p{Ll}|[-+*/=]))/u.test(rest.slice(match.index, match.index + 4))
    if (!inside && !isFactorial) return match.index
    if (inside) ending.lastIndex = inside.end
  }
  return rest.length
}

const REASON =
  /(?<=\d):\s+(?=\d)|\s+(?:because|since|as|so|which|when|where|for|if|after|before)\s|;\s+(?=[a-z]{3})|,\s+(?=(?:which|because|since|so|as|where)\b)|\s\((?![A-Ja-j]\))/i
/** Behind a comma only a further value continues the answer: `3, 5 or 7`, but not `72, in total`. */
const ASIDE = /,\s+(?!(?:and|or|et|ou|und|oder|y|e|o)\b(?! in words))(?=\p{L}{2,})/u

/** A phrase of place, time or manner: `72 in all`, `72 clips in May and June`. */
const PLACE = /\s(?:in|on|at|during|from|by|among|between|with|without)\s+(?=\p{L})/u

/** The answer in one plain sentence: all of it where it is mathematics, else the first expression, else short words. */
function plainAnswer(sentence: string): string | null {
  const bare = sentence
    .replace(/\*\*|__|`|(?<=\w)\s\[\d{1,2}\]$/g, '')
    .replace(/^[\s"'“”‘’]+|[\s"'“”‘’]+$/g, '')
    .replace(/^(?:therefore|thus|simply|just|clearly|exactly|equal to|given by)\b,?\s*/i, '')
  if (bare === '' || bare.length > 400) return null
  const spans = expressionSpans(bare)
  const group = firstGroup(bare, spans)
  const isFirst = group !== null && /^[\s(["'“$]*$/.test(bare.slice(0, group.start))
  let clause = bare.split(REASON)[0]!
  if (isFirst) clause = clause.split(ASIDE)[0]!.split(PLACE)[0]!
  if (group && isFirst && HEDGED.test(bare.slice(group.end))) return bare
  const isWhole = clause.length <= MAX_PLAIN && !(isFirst && hasShortWord(clause.slice(group.end)))
  if (isWhole && readAnswer(clause).isReadable) return clause
  if (group) return isDenied(bare, group.start) || !group.isSound ? null : group.inner
  return /\d/.test(bare) && !isFirst && spans.length > 0 ? null : bare.length <= MAX_PLAIN ? clause : null
}

/** `72 too`: two or three letters that name no unit would be read as factors. */
const hasShortWord = (tail: string): boolean => {
  const word = /^\s+([a-zA-Z]{2,3})(?![a-zA-Z(^_])/.exec(tail)?.[1]
  return (
    word !== undefined &&
    !isUnitWord(word) &&
    !/^(?:and|or|et|ou|und|pi|mod|per|sin|cos|tan|log|ln|sq|cu|to)$/i.test(word)
  )
}

/** "42 is the answer": what stands right before the phrase. */
export function answersBefore(text: string, allowPlain: boolean): { at: number; answer: string }[] {
  return [...text.matchAll(CLOSING)].slice(-5).flatMap((match) => {
    const from = sentenceStart(text, match.index)
    const lead = text.slice(from, match.index)
    const group = lastGroup(lead, candidates(lead, allowPlain))
    const gap = group ? lead.slice(group.end) : ''
    const isClosed = /^(?:,\s*which\s+)?(?:is|are|was|as|it|should|must|would|will|has)\b/i.test(match[0])
      ? gap.length <= 20
      : gap.trim() === ''
    if (!group?.isSound || !isClosed || /[,;:=]|\bnot\b/.test(gap) || isDenied(lead, group.start)) return []
    return [{ at: match.index, answer: group.inner }]
  })
}

function sentenceStart(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - 300), at)
  const ends = [...before.matchAll(/(?<!\\)[.!?](?=\s)|[。！？\n]/g)]
  const last = ends.at(-1)
  return Math.max(0, at - 300) + (last ? last.index + 1 : 0)
}

/** Marked mathematics and, outside of it, unmarked expressions, in order. */
function candidates(text: string, allowPlain: boolean): Span[] {
  const marked = mathSpans(text).filter((span) => span.isSound)
  const plain = allowPlain ? expressionSpans(masked(text, marked)) : []
  return [...marked, ...plain].sort((a, b) => a.start - b.start)
}

/** Blanks out the marked mathematics, length for length: a number inside it is no plain text. */
function masked(text: string, spans: readonly Span[]): string {
  let result = ''
  let at = 0
  for (const span of spans) {
    result += text.slice(at, span.start) + '⟦'.padEnd(span.end - span.start, '⟧')
    at = span.end
  }
  return result + text.slice(at)
}

/** What a statement is about and not what it states: `k`, `PQR`, `f(x)`, `\triangle ABC`, `(a, b, c)`. */
const NAME =
  /^\s*(?:\\(?:triangle|angle|overline|vec|mathbf|mathcal|overrightarrow|square)\s*)*\{?(?!(?:e|i)\s*$)(?:[A-Za-z]{1,4}|\\(?!pi\b|infty\b|varnothing\b|emptyset\b|frac\b|sqrt\b)[a-zA-Z]+)\}?'*(?:_\{?\w+\}?)?(?:\([a-z](?:\s*,\s*[a-z])*\))?\s*$|^\s*\(?[a-zA-Z](?:_\w)?(?:\s*,\s*[a-zA-Z](?:_\w)?)+\)?\s*$/
const COPULA =
  /(?:\b(?:is|are|was|were|be|equals?|equal to|(?:comes?|came|amounts?|adds? up|sums?|totals?) to|gives?|gets?|get|obtain|(?<!\bto )have|has|costs?|needs?|makes?|leaves?|becomes?|find|there (?:is|are|were))|[:=])\s*(?:(?:exactly|only|just|therefore|thus|indeed|simply|a total of|also|then|precisely|us)\s+)*[\s*_$"'“(]*$/i
const CONCLUDES =
  /^[\s*_>#-]*(?:so|thus|hence|therefore|then|finally|consequently|in total|altogether|overall|we|this|it follows|that|the|there|our|its|his|her|their)\b/i
/** What the writer is about to do states nothing. */
const INTENDS =
  /^[\s*_>#-]*(?:let me|let['’]?s|let us|I(?:['’]ll| will| need to)|we (?:will|need to))\s[^:=]*$/i
const EXPLAINS =
  /^[\s*_>#-]*(?:(?:since|because|note|check|verify|indeed|where|if|when|to (?:check|verify))\b)/i
/** Behind a stated value, a phrase of place, time or purpose with a number of its own. */
const ADJUNCT =
  /^[^,;:=]{0,60}\b(?:in|after|for|with|from|on|at|over|by|between|among|within|during|per|each|every|to|of)\b(?!.*\b(?:so|thus|total|is|are|equals)\b)[^,;:=]*$/i

/** `in 3 days` says when or how fast. */
const DURATION = /\b(?:in|within|during|after|for|every|over|per)\s+(?:(?:the|a|about|just|only)\s+)*$/i
const TIME = /^\s*-?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b/i

const MAX_SENTENCES = 12
const TAIL = 4_000

/**
 * The value that the last sentence with one states. Marked mathematics counts before plain numbers, as writers mark what matters,
 * except where a sentence behind it, or the rest of its own, states a plain value in so many words ("so there are 35").
 */
export function concluded(whole: string, allowPlain: boolean): { text: string; isPlain: boolean } | null {
  const text = whole.length > TAIL * 2 ? whole.slice(-TAIL * 2) : whole
  const marked = mathSpans(text)
  const hasMarked = marked.some((span) => span.isSound)
  let plainOnly: { text: string; isPlain: boolean } | null | undefined
  const sentences = lastSentences(text, marked)
  for (const [k, { start, end }] of sentences.entries()) {
    const sentence = withoutReason(text.slice(start, end))
    const inside = marked
      .filter((span) => span.start < end && span.end > start)
      .map((span) => ({
        ...span,
        start: Math.max(0, span.start - start),
        end: Math.min(end, span.end) - start,
      }))
    const shifted = inside.filter((span) => span.isSound)
    const isQuestion = /\?[\s*_"”]*$/.test(sentence) || INTENDS.test(sentence)
    const plain =
      allowPlain && (!hasMarked || isStating(sentence) || shifted.length > 0)
        ? expressionSpans(masked(sentence, inside))
        : []
    const values = valuesIn(sentence, [...shifted, ...plain])
    if (values.length === 0 || isQuestion) {
      if (GIVES_UP.test(sentence)) return null
      continue
    }
    const found = statedValue(sentence, values, plain)
    if (found === null || GIVES_UP.test(sentence)) return null
    const previous = sentences[k + 1]
    if (isBare(sentence) && previous && isBare(text.slice(previous.start, previous.end))) return null
    const isOwn = shifted.length > 0 && COPULA.test(sentence.slice(0, found.group.start))
    if (!hasMarked || found.isMarked || isOwn || isConcluding(sentence, found.group))
      return { text: found.group.inner, isPlain: !found.isMarked }
    plainOnly ??= null
  }
  return plainOnly ?? null
}

/** All but names, and but the numbers of adjectives (`6-inch`) where others are. */
function valuesIn(sentence: string, spans: readonly Span[]): Span[] {
  const isStated = ({ start, end }: Span): boolean =>
    COPULA.test(sentence.slice(0, start)) && /^[\s.*_]*(?:units?\b|$)/.test(sentence.slice(end))
  const values = spans
    .filter((span) => !NAME.test(span.inner) || isStated(span))
    .sort((a, b) => a.start - b.start)
  const own = values.filter((span) => !/^-[a-z]{2}/i.test(sentence.slice(span.end, span.end + 3)))
  return own.length > 0 ? own : values
}

/** `He is paid $10 because he works 5 hours` states what stands before the reason. */
function withoutReason(sentence: string): string {
  const at = sentence.search(/\s(?:because|since)\s/)
  const isStatedBehind = /,.*\d|\b(?:is|are)\s+\W{0,3}\d/.test(sentence.slice(at))
  return at > 0 && /\d/.test(sentence.slice(0, at)) && !isStatedBehind ? sentence.slice(0, at) : sentence
}

/** A line that is a number and nothing else; several of them are a list of guesses. */
const isBare = (line: string): boolean => /^[\s*_$>-]*(?:\d{1,2}[.)]\s+)?[-+−]?[\d.,/]+[\s*_$.,]*$/.test(line)

/** Behind "Since …," the main clause states. */
function isStating(sentence: string): boolean {
  const clause = EXPLAINS.test(sentence) ? sentence.slice(sentence.lastIndexOf(', ') + 1) : sentence
  return CONCLUDES.test(clause) && !EXPLAINS.test(clause)
}

const isConcluding = (sentence: string, group: Span): boolean =>
  isStating(sentence) && COPULA.test(sentence.slice(0, group.start))

function statedValue(
  sentence: string,
  values: readonly Span[],
  plain: readonly Span[],
): { group: Span; isMarked: boolean } | null {
  const isPlain = (span: Span): boolean => plain.some((one) => one.start === span.start)
  const groups = grouped(sentence, values)
  const lastMarked = groups.findLast((group) => !isPlain(group))
  const follows = (group: Span): boolean =>
    COPULA.test(sentence.slice(0, group.start)) ||
    (isPlain(group) && sentence.slice(group.start, group.end).includes('='))
  let chosen = groups.at(-1)!
  if (lastMarked && chosen !== lastMarked && !follows(chosen)) chosen = lastMarked
  // "packs 72 boxes in 3 days" states 72.
  const earlier = groups[groups.indexOf(chosen) - 1]
  if (
    earlier?.isSound &&
    isPlain(earlier) === isPlain(chosen) &&
    !follows(chosen) &&
    DURATION.test(sentence.slice(0, chosen.start)) &&
    TIME.test(sentence.slice(chosen.end)) &&
    !/[,;:=]/.test(sentence.slice(earlier.end, chosen.start))
  )
    chosen = earlier
  // "12 eggs in 2 boxes" states 12, and so does "12 more than 2".
  const said = groups.findLast(follows)
  if (said && said !== chosen && isPlain(said) === isPlain(chosen) && !follows(chosen)) {
    const between = sentence.slice(said.end, chosen.start)
    if (ADJUNCT.test(between) || (said.start < chosen.start && isDenied(sentence, chosen.start)))
      chosen = said
  }
  if (!chosen.isSound) return null
  if (isDenied(sentence, chosen.start) || HEDGED.test(sentence.slice(chosen.end))) return null
  return { group: chosen, isMarked: !isPlain(chosen) }
}

/** Values that are joined ("3, 4 or 5") as one. */
function grouped(text: string, values: readonly Span[]): Span[] {
  const groups: Span[][] = []
  for (const value of values) {
    const last = groups.at(-1)?.at(-1)
    const between = text.slice(last?.end ?? 0, value.start)
    // A sum begins a statement of its own, and a space alone joins nothing.
    if (
      last &&
      /\S/.test(between) &&
      isJoined(between) &&
      !/^[^=\p{L}]+=/u.test(text.slice(value.start, value.end))
    )
      groups.at(-1)!.push(value)
    else groups.push([value])
  }
  return groups.map((group) => {
    const joined = lastGroup(text, group)!
    return { ...joined, isSound: group.every((span) => span.isSound) }
  })
}

/** The sentences of a text, last first. */
function lastSentences(text: string, marked: readonly Span[]): { start: number; end: number }[] {
  const sentences: { start: number; end: number }[] = []
  const breaks = [...text.matchAll(/(?<!\\)[.!?](?=[\s*_"”)]+(?:[^\p{Ll}\s]|$))|[。！？]|\n/gu)].filter(
    (match) => !marked.some((span) => span.start < match.index && match.index < span.end),
  )
  let end = text.length
  for (const match of [...breaks].reverse()) {
    const start = match.index + 1
    if (text.slice(start, end).trim() !== '') sentences.push({ start, end })
    // The mark belongs to the sentence before it.
    end = match[0] === '\n' ? match.index : start
    if (sentences.length >= MAX_SENTENCES) return sentences
  }
  if (text.slice(0, end).trim() !== '') sentences.push({ start: 0, end })
  return sentences
}
