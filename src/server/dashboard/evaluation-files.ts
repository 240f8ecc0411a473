/** What `r1 eval` left in a folder: results, verdicts by problem, and the responses themselves. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileIdentity, readLinesFrom } from '../../disk/growing-lines.ts'
import { FIGURE_1_MODELS } from '../../evaluation/paper-figures.ts'
import type { GradedSample } from '../../evaluation/protocol.ts'
import { evaluationFigure, readEvaluations } from '../../report/evaluation-figure.ts'
import type { EvaluationList, GradedProblem, GradedResponse } from './api.ts'

interface GradedLine {
  id: string
  prompt?: string
  answer?: string
  passRate: number | null
  samples: GradedSample[]
}

export function listEvaluations(folder: string): EvaluationList {
  const results = existsSync(folder) ? readEvaluations(folder) : []
  return {
    evaluations: results.map(({ name, result }) => ({
      id: name,
      result,
      graded: existsSync(gradedFile(folder, name)),
    })),
    figure: evaluationFigure(
      results.map(({ result }) => result),
      FIGURE_1_MODELS,
    ),
  }
}

const gradedFile = (folder: string, id: string) => join(folder, `${id}.graded.jsonl`)

export async function gradedProblems(folder: string, id: string): Promise<GradedProblem[]> {
  const problems: GradedProblem[] = []
  const path = gradedFile(folder, id)
  if (fileIdentity(path) === undefined) return problems
  await readLinesFrom(path, 0, (line) => {
    const { id: problem, prompt, answer, passRate, samples } = JSON.parse(line.toString('utf8')) as GradedLine
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
  const graded = (await linesAbout(gradedFile(folder, id), 'id', problem)) as unknown as GradedLine[]
  const { responsesFile } = readEvaluations(folder).find(({ name }) => name === id)?.result ?? {}
  const cached =
    responsesFile === undefined
      ? []
      : await linesAbout(join(folder, 'responses', basename(responsesFile)), 'question', problem)
  const texts = new Map(cached.map(({ sample, text }) => [sample, String(text)]))
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

/** The lines with this value, parsed; the others are only searched for its bytes. */
async function linesAbout(path: string, key: string, value: string): Promise<Record<string, unknown>[]> {
  const needle = Buffer.from(`"${key}":${JSON.stringify(value)}`)
  const found: Record<string, unknown>[] = []
  if (fileIdentity(path) === undefined) return found
  await readLinesFrom(path, 0, (line) => {
    if (line.includes(needle)) found.push(JSON.parse(line.toString('utf8')) as Record<string, unknown>)
  })
  return found.filter((line) => line[key] === value)
}
