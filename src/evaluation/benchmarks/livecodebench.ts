/**
 * LiveCodeBench (arXiv 2403.07974), code generation; k = 8, problems of 2024-08 to 2025-01 in the paper (R1 §3).
 * The user supplies the file; to keep the paper's months, cut it by `contest_date`. Figures by difficulty
 * are given beside pass@1, as in the paper's Table 14.
 */
import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { STDIO_DIRECTIVE, verifyProgram } from '../../tasks/programs.ts'
import type { Question } from '../../tasks/task.ts'
import { type CodeTests, codeTestsFromGold } from '../../verifiers/code/code-tests.ts'
import { type Benchmark, paperSettings, parseRow } from '../benchmark.ts'
import { decodeTests } from './livecodebench-tests.ts'

const rowSchema = z.object({
  question_title: z.string().optional(),
  question_content: z.string(),
  question_id: z.union([z.string(), z.number()]),
  difficulty: z.string().optional(),
  starter_code: z.string().nullish(),
  public_test_cases: z.string(),
  private_test_cases: z.string().nullish(),
  metadata: z.string().nullish(),
})

export const liveCodeBench: Benchmark = {
  name: 'livecodebench',
  title: 'LiveCodeBench',
  settings: paperSettings(8),
  data: {
    file: null,
    description:
      'test*.jsonl of LiveCodeBench code generation: {question_content, question_id, starter_code, public_test_cases, private_test_cases, metadata}',
  },
  async load(rows) {
    const questions: Question[] = []
    for await (const { place, value } of rows) {
      const row = parseRow(rowSchema, place, value)
      questions.push({
        id: String(row.question_id),
        prompt: promptOf(row.question_content, row.starter_code ?? ''),
        answer: '',
        data: { difficulty: row.difficulty ?? null, tests: testsOf(row, place) },
      })
    }
    return questions
  },
  verify: ({ data }, response) => verifyProgram(response, data!.tests as CodeTests),
  equivalent: null,
  async extraFigures(graded, { questions }) {
    const difficultyOf = new Map(questions.map(({ id, data }) => [id, data?.difficulty as string | null]))
    const shares: Record<string, number> = {}
    for (const difficulty of ['easy', 'medium', 'hard']) {
      const samples = graded
        .filter(({ id }) => difficultyOf.get(id) === difficulty)
        .flatMap((question) => question.samples)
      if (samples.length > 0)
        shares[`pass@1 ${difficulty}`] = samples.filter(({ correct }) => correct).length / samples.length
    }
    return { shares }
  },
  paper: [{ row: 'LiveCodeBench', figure: ({ figures }) => figures.pass1 * 100 }],
}

function promptOf(content: string, starterCode: string): string {
  if (starterCode.trim() === '') return `${content}\n\n${STDIO_DIRECTIVE}`
  return `${content}\n\nPlease write a python code to solve the above problem. Start from this code and keep its names:\n\`\`\`python\n${starterCode.trimEnd()}\n\`\`\``
}

function testsOf(row: z.infer<typeof rowSchema>, place: string): CodeTests {
  try {
    const tests = [row.public_test_cases, row.private_test_cases ?? '[]'].flatMap(decodeTests)
    const { func_name } = JSON.parse(row.metadata || '{}') as { func_name?: string }
    if (tests[0]?.testtype === 'functional' && func_name === undefined)
      throw new Error('metadata has no func_name')
    return codeTestsFromGold(JSON.stringify({ tests, fn_name: func_name }))
  } catch (error) {
    const { message } = error as Error
    throw new DataError(`the test cases cannot be read (${message}).`, { field: place, cause: error })
  }
}
