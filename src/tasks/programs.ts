/** Programming questions: how a program is asked for (R1 v2 SJ) and judged, which is by tests in the sandbox (R1 §2.2.2). */
import type { JsonObject } from '../disk/jsonl.ts'
import { DataError } from '../errors.ts'
import { type CodeTests, codeTestsFromGold, codeTestsFromRow } from '../verifiers/code/code-tests.ts'
import { parseJson } from '../verifiers/code/json-value.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import { type FieldMapping, questionOf, referenceAnswer } from './field-mapping.ts'
import type { FileRow } from './file-rows.ts'
import type { Question, QuestionSet } from './task.ts'

export const STDIO_DIRECTIVE =
  'Please write a python code to solve the above problem. Your code must read the inputs from stdin and output the results to stdout.'
const BLOCK_DIRECTIVE = 'Answer with the whole Python program in a ```python block.'

/** The sandbox is loaded with the first program. */
export async function verifyProgram(response: string, tests: CodeTests): Promise<Verdict> {
  const { verifyCode } = await import('../verifiers/code/verify.ts')
  return await verifyCode(response, tests)
}

/** `question.data.tests` are what the program must pass. Programs cannot be compared, so they have no majority. */
export const programs = {
  prompt: ({ prompt, data }) => {
    const tests = data!.tests as CodeTests
    switch (tests.kind) {
      case 'stdio':
        return `${prompt}\n\n${inLanguage(STDIO_DIRECTIVE, tests)}`
      case 'function':
        return `${prompt}\n\nName the function ${tests.name}. ${inLanguage(BLOCK_DIRECTIVE, tests)}`
      case 'asserts':
        return `${prompt}\n\nYour function must pass these tests:\n${tests.asserts.join('\n')}\n\n${BLOCK_DIRECTIVE}`
      case 'humaneval':
        return `Complete this Python function. Answer with the whole function, imports included, in a \`\`\`python block.\n\n\`\`\`python\n${prompt.trimEnd()}\n\`\`\``
    }
  },
  verify: ({ data }, response) => verifyProgram(response, data!.tests as CodeTests),
  equivalent: null,
} satisfies Partial<QuestionSet>

const inLanguage = (directive: string, { language }: { language?: string | undefined }): string =>
  language === 'javascript'
    ? directive.replace(/python/gi, (word) => (word === 'Python' ? 'JavaScript' : 'javascript'))
    : directive

export const hasTests = ({ value }: FileRow): boolean => codeTestsFromRow(unpacked(value)) !== null

/** A row as MBPP, HumanEval, APPS or TACO has it, one with `tests`, or one whose answer is its tests as JSON. */
export function programRow(row: FileRow, mapping: FieldMapping): Question {
  return { ...questionOf(row, mapping), answer: '', data: { tests: testsOf(row, mapping) } }
}

function testsOf(row: FileRow, mapping: FieldMapping): CodeTests {
  const own = mapping.answerField === undefined ? codeTestsFromRow(unpacked(row.value)) : null
  if (own !== null) return own
  const gold = referenceAnswer(row, mapping)
  try {
    return codeTestsFromGold(gold)
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause
    throw new DataError(`its answer is no tests: ${cause.message}`, { field: row.place, cause })
  }
}

/** Some sets write their tests as JSON within the row's JSON. */
function unpacked({ tests, input_output: pairs, ...rest }: JsonObject): JsonObject {
  const packed = pairs === undefined ? {} : parsed(pairs)
  return { ...rest, ...(packed as JsonObject), ...(tests === undefined ? {} : { tests: parsed(tests) }) }
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return parseJson(value)
  } catch {
    return value
  }
}
