/** What `r1 eval` left in a folder: results, verdicts by problem, and the responses themselves. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { fileWithin } from '../../disk/file-within.ts'
import { fileIdentity, readLinesFrom } from '../../disk/growing-lines.ts'
import { FIGURE_1_MODELS } from '../../evaluation/paper-figures.ts'
import type { GradedSample } from '../../evaluation/protocol.ts'
import { evaluationFigure, readEvaluations } from '../../report/evaluation-figure.ts'
import type { EvaluationList, GradedProblem, GradedResponse } from './api.ts'

const text = z.string()
const sampleSchema = z.object({
  ...{ sample: z.number(), correct: z.boolean(), tokens: z.number(), truncated: z.boolean() },
  ...{ extracted: text.nullable(), reason: text },
}) satisfies z.ZodType<Partial<GradedSample>>
const gradedLine = z.object({
  ...{ id: text, prompt: text.optional(), answer: text.optional() },
  passRate: z.number().nullable(),
  samples: z.array(sampleSchema),
})
const cachedLine = z.object({ question: text, sample: z.number(), text })

export function listEvaluations(folder: string): EvaluationList {
  const results = existsSync(folder) ? readEvaluations(folder) : []
  return {
    evaluations: results.map(({ name, result }) => ({
      id: name,
      result,
      graded: gradedFile(folder, name) !== '',
    })),
    figure: evaluationFigure(
      results.map(({ result }) => result),
      FIGURE_1_MODELS,
    ),
  }
}

/** '' where there is none. */
const gradedFile = (folder: string, id: string) => fileWithin(folder, `${id}.graded.jsonl`) ?? ''

export async function gradedProblems(folder: string, id: string): Promise<GradedProblem[]> {
  const problems: GradedProblem[] = []
  const path = gradedFile(folder, id)
  if (fileIdentity(path) === undefined) return problems
  await readLinesFrom(path, 0, (line) => {
    const parsed = parse(line, gradedLine)
    if (parsed === undefined) return
    const { id: problem, prompt, answer, passRate, samples } = parsed
    problems.push({
      id: problem,
      prompt: prompt ?? null,
      answer: answer ?? null,
      passRate,
      samples: samples.map(({ correct, tokens, truncated, extracted }) => ({
        correct,
        tokens,
        truncated,
        extracted,
      })),
    })
  })
  return problems
}

/** The responses to one problem with their verdicts, and their texts where the evaluation's cache still has them. */
export async function gradedResponses(
  folder: string,
  id: string,
  problem: string,
): Promise<GradedResponse[]> {
  const graded = await linesAbout(gradedFile(folder, id), 'id', problem, gradedLine)
  const { responsesFile } = readEvaluations(folder).find(({ name }) => name === id)?.result ?? {}
  const cached =
    responsesFile === undefined
      ? []
      : await linesAbout(
          fileWithin(folder, 'responses', basename(responsesFile)) ?? '',
          'question',
          problem,
          cachedLine,
        )
  const texts = new Map(cached.map(({ sample, text }) => [sample, text]))
  return (graded[0]?.samples ?? []).map(({ sample, correct, extracted, reason, tokens, truncated }) => ({
    sample,
    correct,
    extracted,
    reason,
    tokens,
    truncated,
    text: texts.get(sample) ?? null,
  }))
}

/** The lines with this value, parsed; the others are only searched for its bytes. Damaged ones are passed over. */
async function linesAbout<Line extends object>(
  path: string,
  key: keyof Line & string,
  value: string,
  schema: z.ZodType<Line>,
): Promise<Line[]> {
  const needle = Buffer.from(`"${key}":${JSON.stringify(value)}`)
  const found: Line[] = []
  if (fileIdentity(path) === undefined) return found
  await readLinesFrom(path, 0, (line) => {
    const parsed = line.includes(needle) ? parse(line, schema) : undefined
    if (parsed?.[key] === value) found.push(parsed)
  })
  return found
}

function parse<T>(line: Buffer, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line.toString('utf8'))).data
  } catch {
    return undefined
  }
}
