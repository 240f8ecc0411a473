/**
 * Finds the program in a model's response: after the thinking, in the last `<answer>` block where there is one, the
 * last fenced block in the right language that is closed, else the last one that is not, else the same among blocks
 * without a language, else the whole text where there is no fence at all (a base model's completion).
 */
import { type FencedBlock, fencedBlocks } from '../../text/fenced-blocks.ts'
import { lastAnswerBlock } from '../../text/reasoning.ts'

export type Language = 'python' | 'javascript'
/** Which of several blocks is the program. */
export type WhichBlock = 'last' | 'first'

export interface ExtractedProgram {
  /** In the order to try: the first that compiles is the program. */
  versions: string[]
  fenced: boolean
}

const TAGS: Record<Language, readonly string[]> = {
  python: ['python', 'py', 'python3', 'py3', 'pypy', 'pypy3', 'cpython'],
  javascript: ['javascript', 'js', 'node', 'nodejs', 'mjs', 'cjs'],
}

export function extractProgram(
  response: string,
  language: Language,
  which: WhichBlock = 'last',
): ExtractedProgram | null {
  const answer = answerBlock(afterThinking(response.replace(/^\uFEFF/, '')))
  const blocks = fencedBlocks(answer)
  if (blocks.length === 0) return program([answer], false)
  const block =
    choose(
      blocks.filter(({ tag }) => TAGS[language].includes(tag)),
      which,
    ) ??
    choose(
      blocks.filter(({ tag }) => tag === ''),
      which,
    )
  if (block === undefined) return null
  const before =
    blocks.length === 1 && !block.closed && block.tag === '' ? [beforeFence(answer, language)] : []
  return program([block.closed ? block.text : withoutCutFence(block.text), ...before], true)
}

function program(texts: string[], fenced: boolean): ExtractedProgram | null {
  const versions = texts.map((text) => text.replace(/^\uFEFF/, '')).filter((text) => text.trim() !== '')
  return versions.length === 0 ? null : { versions, fenced }
}

function choose(blocks: FencedBlock[], which: WhichBlock): FencedBlock | undefined {
  const closed = blocks.filter(({ closed }) => closed)
  const among = closed.length > 0 ? closed : blocks
  return which === 'first' ? among[0] : among.at(-1)
}

/** Where the prompt opened the block, its only fence closes it; the language may stand on the first line. */
function beforeFence(text: string, language: Language): string {
  const before = text.slice(0, text.search(/^ {0,3}(?:`{3,}|~{3,})/m))
  const [first = ''] = before.split('\n', 1)
  return TAGS[language].includes(first.trim().toLowerCase()) ? before.slice(first.length + 1) : before
}

/** A response that ends in the middle of the closing fence. */
const withoutCutFence = (text: string): string => text.replace(/\n(?:`{1,2}|~{1,2})\s*$/, '\n')

/** Thinking that never ends leaves no answer. */
function afterThinking(response: string): string {
  const end = response.lastIndexOf('</think>')
  if (end >= 0) return response.slice(end + '</think>'.length)
  return /^\s*<think>/.test(response) ? '' : response
}

/** What the last `<answer>` block holds, with its first line's indentation; the text where there is none. */
function answerBlock(text: string): string {
  const block = lastAnswerBlock(text) ?? openBlock(text)
  return block === null ? text : block.replace(/^(?:[ \t]*\r?\n)+|^[ \t]+/, '').trimEnd()
}

function openBlock(text: string): string | null {
  const open = text.includes('</answer>') ? -1 : text.lastIndexOf('<answer>')
  return open < 0 ? null : text.slice(open + '<answer>'.length)
}
