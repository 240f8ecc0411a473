import type { ExtractedProgram } from './extract-program.ts'

/**
 * The versions of a HumanEval program, in the order to try: a block that defines the function stands after the
 * prompt (whose imports and helpers it may use); anything else continues the prompt's last line.
 */
export function humanEvalVersions(program: ExtractedProgram, prompt: string, entryPoint: string): string[][] {
  const defines = new RegExp(`^(async[ \\t]+)?def[ \\t]+${entryPoint}\\b`, 'm')
  return program.versions.flatMap((code) => {
    if (defines.test(code)) return [[prompt, code], [`${prompt}\n${upToProse(code)}`]]
    const indented = code.replace(/^(?=.)/gm, '    ')
    return [[prompt + code], [`${prompt}\n${indented}`], [prompt + upToProse(code)]]
  })
}

/** A base model writes on after its function: the indented lines before the first one at the margin. */
function upToProse(code: string): string {
  const lines = code.split('\n')
  const end = lines.findIndex(
    (line, i) => i > 0 && /^[^\s#@)\]}]/.test(line) && !/^(def|class|import|from|async)\b/.test(line),
  )
  return end < 0 ? code : lines.slice(0, end).join('\n')
}
