/** Programs written for this project against the public tasks: each must pass, its wrong twin must fail. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { readDataSet } from '../../../test/data-sets.ts'
import { type CodeTests, closeSandboxes, codeTestsFromGold, verifyCode } from './verify.ts'

interface Fixture {
  set?: string
  id: string | number
  language?: 'python' | 'javascript'
  program: string
  wrong: string
}

const rows = <T>(url: URL): T[] =>
  readFileSync(url, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
const limits = { secondsPerTest: 120, secondsTotal: 240 }
const PATIENCE = 600_000

const fenced = (program: string, language = 'python') =>
  // A continuation of HumanEval's prompt comes bare, as from a base model.
  program.startsWith(' ')
    ? program
    : `<think>Hm.</think>\nHere it is:\n\`\`\`${language}\n${program}\n\`\`\`\nDone.`

afterAll(closeSandboxes)

describe('reference programs', () => {
  const tasks = new Map<string, string>()
  for (const set of ['humaneval', 'mbpp-sanitized', 'mbpp'])
    for (const row of readDataSet(set)) tasks.set(`${set} ${row.task_id}`, JSON.stringify(row))
  const programs = rows<Fixture>(new URL('./fixtures/programs.jsonl', import.meta.url))

  it('cover at least 50 tasks', () => expect(programs.length).toBeGreaterThanOrEqual(50))

  it(
    'pass, and their wrong twins fail',
    async () => {
      const verdicts = await Promise.all(
        programs.flatMap(({ set, id, program, wrong }) => {
          const tests = codeTestsFromGold(tasks.get(`${set} ${id}`)!)
          return [program, wrong].map(async (text) => ({
            set,
            id,
            ...(await verifyCode(fenced(text), tests, limits)),
          }))
        }),
      )
      const unexpected = verdicts.filter(({ correct }, i) => correct !== (i % 2 === 0))
      expect(unexpected).toEqual([])
      const failures = verdicts.filter(({ correct }) => !correct)
      for (const { reason } of failures) expect(reason).toMatch(/^\d of \d tests? passed; test \d: /)
    },
    PATIENCE,
  )

  it(
    'pass on contest problems, and their wrong twins fail',
    async () => {
      const problems = readDataSet<{ id: number; tests: { input: string; output: string }[] }>(
        'codeforces-stdio',
      )
      const contest = rows<Required<Fixture>>(new URL('./fixtures/codeforces.jsonl', import.meta.url))
      expect(contest.length).toBeGreaterThanOrEqual(10)
      for (const { id, language, program, wrong } of contest) {
        const tests: CodeTests = { kind: 'stdio', language, tests: problems.find((p) => p.id === id)!.tests }
        const right = await verifyCode(fenced(program, language), tests, limits)
        expect([id, right]).toMatchObject([id, { correct: true }])
        expect([id, await verifyCode(fenced(wrong, language), tests, limits)]).toMatchObject([
          id,
          { correct: false },
        ])
      }
    },
    PATIENCE,
  )
})
