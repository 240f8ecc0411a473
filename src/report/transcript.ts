/** The same question before and after training, side by side in time: for the terminal and for Markdown. */
import { wrapText } from './wrap.ts'

export interface TranscriptResponse {
  /** `base`, `R1-Zero`, … */
  name: string
  text: string
  correct: boolean
  numTokens: number
}

export interface Transcript {
  question: string
  /** The reference answer. */
  answer: string
  responses: readonly TranscriptResponse[]
}

/** Indented and wrapped; `width` is the terminal's. Control characters do not reach the terminal. `paint` colours a verdict. */
export function terminalTranscript(
  { question, answer, responses }: Transcript,
  width = 100,
  paint: (text: string, correct: boolean) => string = (text) => text,
): string {
  const blocks = responses.map((response) =>
    [
      paint(heading(response), response.correct),
      ...wrapText(printable(response.text.trim()), width - 4).map((line) => `    ${line}`.trimEnd()),
    ].join('\n'),
  )
  const asked = wrapText(printable(question.trim()), width - 10).join(`\n${' '.repeat(10)}`)
  return [`Question  ${asked}`, `Answer    ${printable(answer)}`, '', blocks.join('\n\n')].join('\n')
}

/** The question as a quotation, each response in a fence that its text cannot close. */
export function markdownTranscript({ question, answer, responses }: Transcript): string {
  const quoted = question
    .trim()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
  const blocks = responses.flatMap((response) => {
    const fence = fenceFor(response.text)
    return ['', `**${heading(response)}**`, '', `${fence}text`, response.text.trim(), fence]
  })
  return [...quoted, '>', `> Reference answer: ${inlineCode(answer)}`, ...blocks].join('\n')
}

function heading({ name, correct, numTokens }: TranscriptResponse): string {
  return `${name}: ${correct ? 'right' : 'wrong'}, ${numTokens} tokens`
}

/** Longer than any run of backticks in the text. */
function fenceFor(text: string): string {
  return '`'.repeat(Math.max(3, longestTicks(text) + 1))
}

function inlineCode(text: string): string {
  const ticks = '`'.repeat(longestTicks(text) + 1)
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${ticks}${space}${text.replace(/\s+/g, ' ')}${space}${ticks}`
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
}

/** Line ends stay. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of a model must not drive the terminal
  return text.replace(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, (c) =>
    c === '\t' ? '  ' : c === '\r' ? '' : '�',
  )
}
