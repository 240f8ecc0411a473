/**
 * Finds the program in a model's response: after the thinking, in the last `<answer>` block where there is one, the
 * first fenced block in the right language, else the first fence without a language, else the whole text where there
 * is no fence at all (a base model's completion). What is never closed runs to the end.
 */
import { fencedBlocks } from '../../text/fenced-blocks.ts'
import { lastAnswerBlock } from '../../text/reasoning.ts'

export type Language = 'python' | 'javascript'

export interface ExtractedProgram {
  text: string
  fenced: boolean
}

const TAGS: Record<Language, readonly string[]> = {
  python: ['python', 'py', 'python3', 'py3'],
  javascript: ['javascript', 'js', 'node', 'nodejs', 'mjs', 'cjs'],
}

export function extractProgram(response: string, language: Language): ExtractedProgram | null {
  const answer = answerBlock(afterThinking(response))
  const blocks = fencedBlocks(answer)
  if (blocks.length === 0) return answer.trim() === '' ? null : { text: answer, fenced: false }
  const block = blocks.find(({ tag }) => TAGS[language].includes(tag)) ?? blocks.find(({ tag }) => tag === '')
  return block === undefined || block.text.trim() === '' ? null : { text: block.text, fenced: true }
}

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

/**
 * The versions of a HumanEval program, in the order to try: a block that defines the function stands after the
 * prompt (whose imports and helpers it may use); anything else continues the prompt's last line.
 */
export function humanEvalVersions(program: ExtractedProgram, prompt: string, entryPoint: string): string[][] {
  const code = program.text
  if (new RegExp(`^(async[ \\t]+)?def[ \\t]+${entryPoint}\\b`, 'm').test(code))
    return [[prompt, code], [upToProse(code)].map((kept) => `${prompt}\n${kept}`)]
  const indented = code.replace(/^(?=.)/gm, '    ')
  return [[prompt + code], [`${prompt}\n${indented}`], [prompt + upToProse(code)]]
}

/** A base model writes on after its function: the indented lines before the first one at the margin. */
function upToProse(code: string): string {
  const lines = code.split('\n')
  const end = lines.findIndex(
    (line, i) => i > 0 && /^[^\s#@)\]}]/.test(line) && !/^(def|class|import|from|async)\b/.test(line),
  )
  return end < 0 ? code : lines.slice(0, end).join('\n')
}
