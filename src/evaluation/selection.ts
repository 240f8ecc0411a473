/**
 * Which of several responses to a question to give: the majority's answer, or the one that a model scores highest, at
 * growing numbers of responses and with the tokens that each way costs (R1 §4.2).
 */
import { mean } from '../measures/statistics.ts'
import { consensus, type Equivalent, type GradedSample } from './protocol.ts'

export interface ScoredSample extends Pick<GradedSample, 'correct' | 'extracted' | 'tokens'> {
  score: number
}

export interface SelectionRow {
  /** Responses to each question. */
  samples: number
  /** Share of questions answered right by the majority, by the highest score, and where any response is right. */
  majority: number
  best: number
  any: number
  /** Drawn for a question, on average; a model that scores them reads each once more. */
  tokens: number
}

/** A row for 1, 2, 4, … responses up to all of them; every question has as many. `equivalent` compares answers to one. */
export async function selectionCurve(
  questions: readonly (readonly ScoredSample[])[],
  equivalent: (question: number) => Equivalent,
): Promise<SelectionRow[]> {
  const all = questions[0]?.length ?? 0
  const rows: SelectionRow[] = []
  for (let samples = 1; samples <= all; samples *= 2) {
    const firsts = questions.map((scored) => scored.slice(0, samples))
    const agreed = await Promise.all(firsts.map((scored, i) => consensus(scored, equivalent(i))))
    rows.push({
      samples,
      majority: mean(agreed.map((cluster) => Number(cluster?.correct === true))),
      best: mean(
        firsts.map((scored) => Number(scored.reduce((a, b) => (b.score > a.score ? b : a)).correct)),
      ),
      any: mean(firsts.map((scored) => Number(scored.some(({ correct }) => correct)))),
      tokens: mean(firsts.map((scored) => scored.reduce((sum, { tokens }) => sum + tokens, 0))),
    })
  }
  return rows
}

/** What the majority reaches with a given number of tokens a question: between two rows as the line between them, beyond as the last. */
export function majorityAt(rows: readonly SelectionRow[], tokens: number): number {
  const after = rows.findIndex((row) => row.tokens >= tokens)
  if (after < 0) return rows.at(-1)!.majority
  const [low, high] = [rows[after - 1], rows[after]!]
  if (low === undefined) return high.majority
  return low.majority + ((tokens - low.tokens) / (high.tokens - low.tokens)) * (high.majority - low.majority)
}
