/**
 * Splits a response into its thinking and its answer, whichever of the published forms it has: R1-Zero's
 * `<think>…</think> <answer>…</answer>` (R1 §2.2.3), R1's `<think>…</think>` followed by the summary (R1 §2.3.1), and
 * the same without the opening tag because the template already wrote it. Left out: other models' tags.
 */
export interface Reasoning {
  /** What stands in the think block, or null where the response has none. */
  thinking: string | null
  /** What the last `<answer>` block holds, else what follows the thinking; empty while the thinking is still open. */
  answer: string
  /** False where a think or answer block was opened and never closed, as in a truncated response. */
  complete: boolean
}

/** Where a model's template has the answer: `tags`, in <answer> tags as R1-Zero's asks; `think`, after the thinking. */
export type AnswerForm = 'tags' | 'think'

const OPEN = '<think>'
const CLOSE = '</think>'

/**
 * The thinking reaches to the last `</think>`, as in R1's own rule for past turns, so nested and repeated blocks
 * become one thinking. A `<think>` behind that opens it again only where no answer has begun; in an answer it is a word.
 * The other tags are removed and both parts are trimmed.
 */
export function splitReasoning(text: string): Reasoning {
  const close = text.lastIndexOf(CLOSE)
  const first = text.indexOf(OPEN)
  if (close < 0) return first < 0 ? withoutThinking(text) : openThinking(text.slice(first + OPEN.length))

  const start = first >= 0 && first < close ? first + OPEN.length : 0
  const thinking = withoutTags(text.slice(start, close))
  const rest = text.slice(close + CLOSE.length)
  if (rest.trimStart().startsWith(OPEN)) return { thinking, answer: '', complete: false }
  const answer = answerIn(rest)
  return { thinking, answer: answer.text, complete: answer.closed }
}

/** Whether a prompt ends with `<think>`, as R1's released chat template does. */
export const opensThinking = (prompt: string): boolean => openedThinking(prompt) !== ''

/** The tag of a prompt that opens the thinking, white space behind it included; empty where the response opens it. */
export const openedThinking = (prompt: string): string => /<think>\s*$/.exec(prompt)?.[0] ?? ''

/** What follows the prompt of a written response: where the prompt opens the thinking, the response does not again. */
export const continuation = (prompt: string, response: string): string =>
  opensThinking(prompt) ? response.replace(/^\s*<think>\s*/, '') : response

/** The contents of the last complete `<answer>…</answer>`, or null. */
export const lastAnswerTag = (text: string): string | null => lastAnswerBlock(text)?.trim() ?? null

/** The same, white space included. */
export function lastAnswerBlock(text: string): string | null {
  const lastEnd = text.lastIndexOf('</answer>')
  const tag = lastEnd < 0 ? -1 : text.lastIndexOf('<answer>', lastEnd)
  if (tag < 0) return null
  const start = tag + '<answer>'.length
  return text.slice(start, text.indexOf('</answer>', start))
}

const STATED = /(?:the answer is|答案是)[:：]?\s*(.*?)(?=\.(?!\d)|。|\n|$)/gis

/**
 * What a summary says the answer is: X of the last `The answer is X.` or `答案是 X。` after closed thinking. Null in
 * R1-Zero's form, where the answer has tags, and while the thinking is open.
 */
export function statedAnswer(text: string): string | null {
  const stated = [...(untaggedSummary(text) ?? '').matchAll(STATED)].at(-1)?.[1]?.trim()
  return stated || null
}

/** What follows closed thinking where it has no answer tags. */
function untaggedSummary(text: string): string | null {
  const close = text.lastIndexOf(CLOSE)
  return close < 0 || text.includes('<answer>') ? null : text.slice(close + CLOSE.length).trim()
}

function withoutThinking(text: string): Reasoning {
  const answer = answerIn(text)
  return { thinking: null, answer: answer.text, complete: answer.closed }
}

/** An open think block can still hold an answer block: the model forgot the closing tag. */
function openThinking(rest: string): Reasoning {
  const start = rest.lastIndexOf('<answer>')
  if (start < 0) return { thinking: withoutTags(rest), answer: '', complete: false }
  return {
    thinking: withoutTags(rest.slice(0, start)),
    answer: withoutTags(answerIn(rest.slice(start)).text),
    complete: false,
  }
}

function answerIn(text: string): { text: string; closed: boolean } {
  const tagged = lastAnswerTag(text)
  if (tagged !== null) return { text: tagged, closed: true }
  const open = text.lastIndexOf('<answer>')
  if (open < 0) return { text: text.replaceAll('</answer>', '').trim(), closed: true }
  return { text: text.slice(open + '<answer>'.length).trim(), closed: false }
}

function withoutTags(text: string): string {
  return text.replaceAll(OPEN, '').replaceAll(CLOSE, '').trim()
}
