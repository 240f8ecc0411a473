/**
 * IFEval (arXiv 2311.07911): 541 prompts with instructions that a program can check; the paper gives prompt-level strict
 * accuracy (R1 §3.1), which is pass@1 here. The thinking is not checked, only the answer after it. The user
 * supplies the file. English first: see instructions/ for what the other languages rest on.
 */
import { z } from 'zod'
import type { Question } from '../../tasks/task.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import { type Benchmark, paperSettings, parseRow } from '../benchmark.ts'
import { followsLoosely, followsStrictly, INSTRUCTIONS } from '../instructions/checkers.ts'

const rowSchema = z
  .object({
    key: z.union([z.number(), z.string()]),
    prompt: z.string(),
    instruction_id_list: z
      .array(
        z
          .string()
          .refine((id) => Object.hasOwn(INSTRUCTIONS, id), 'not one of the 25 published instructions'),
      )
      .min(1),
    kwargs: z.array(z.record(z.string(), z.unknown())),
  })
  .refine(
    (row) => row.kwargs.length === row.instruction_id_list.length,
    'kwargs and instruction_id_list differ in length',
  )

interface Instruction {
  id: string
  given: Record<string, unknown>
}

interface Followed {
  id: string
  strict: boolean
  loose: boolean
}

export const ifeval: Benchmark = {
  name: 'ifeval',
  title: 'IFEval (prompt strict)',
  settings: paperSettings(1),
  data: { file: null, description: 'input_data.jsonl of IFEval: {key, prompt, instruction_id_list, kwargs}' },
  async load(rows) {
    const questions: Question[] = []
    for await (const { place, value } of rows) {
      const { key, prompt, instruction_id_list, kwargs } = parseRow(rowSchema, place, value)
      const instructions = instruction_id_list.map((id, i): Instruction => ({ id, given: kwargs[i]! }))
      questions.push({ id: String(key), prompt, answer: '', data: { instructions } })
    }
    return questions
  },
  equivalent: null,
  async verify({ data }, response) {
    const { answer } = splitReasoning(response)
    const followed: Followed[] = []
    for (const { id, given } of data!.instructions as Instruction[])
      followed.push({
        id,
        strict: await followsStrictly(id, answer, given),
        loose: await followsLoosely(id, answer, given),
      })
    const broken = followed.filter(({ strict }) => !strict)
    return {
      correct: broken.length === 0,
      extracted: answer === '' ? null : answer,
      reason:
        broken.length === 0
          ? 'all instructions followed'
          : `broken: ${broken.map(({ id }) => id).join(', ')}`,
      details: { followed },
    }
  },
  async extraFigures(graded) {
    const responses = graded.flatMap(({ samples }) =>
      samples.map(({ details }) => details!.followed as Followed[]),
    )
    const instructions = responses.flat()
    return {
      shares: {
        promptStrict: share(responses, (followed) => followed.every(({ strict }) => strict)),
        promptLoose: share(responses, (followed) => followed.every(({ loose }) => loose)),
        instructionStrict: share(instructions, ({ strict }) => strict),
        instructionLoose: share(instructions, ({ loose }) => loose),
      },
    }
  },
  paper: [{ row: 'IF-Eval', figure: ({ figures }) => figures.pass1 * 100 }],
}

function share<T>(items: readonly T[], holds: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(holds).length / items.length
}
