/**
 * Arena-Hard (arXiv 2406.11939): a judge compares a model's summary with GPT-4-0314's in both orders (R1 §3.1). A clear preference counts as
 * three battles and a tie as half a win, as its authors count them. The user supplies the questions with the rival's answers.
 */
import { z } from 'zod'
import { pairVerdicts } from '../../responders/pairwise-judge.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import { type Benchmark, needsJudge, paperSettings, readAs } from '../benchmark.ts'

const rowSchema = z
  .object({
    question_id: z.string(),
    prompt: z.string().optional(),
    turns: z.array(z.object({ content: z.string() })).optional(),
    baseline: z.string(),
  })
  .transform(({ prompt, turns, ...row }) => ({ ...row, prompt: prompt ?? turns?.[0]?.content ?? '' }))
  .refine(({ prompt }) => prompt !== '', { message: 'neither prompt nor turns in this row' })

export const arenaHard: Benchmark = {
  name: 'arena-hard',
  title: 'Arena-Hard',
  settings: paperSettings(1),
  data: {
    file: null,
    description:
      "question.jsonl of Arena-Hard with the rival's answer beside it: {question_id, turns: [{content}], baseline}",
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ question_id, prompt, baseline }) => ({
      id: question_id,
      prompt,
      answer: baseline,
    }))
  },
  ...needsJudge,
  judged: (judge) => async (question, response) => {
    const { answer } = splitReasoning(response)
    const verdicts = await pairVerdicts(
      judge,
      { prompt: question.prompt, a: answer, b: question.answer },
      { queries: 2 },
    )
    const share = winShare(verdicts)
    return {
      correct: share > 0.5,
      extracted: answer === '' ? null : answer,
      reason: `verdicts ${verdicts.join(' and ')} of 2 to −2`,
      details: { verdicts },
    }
  },
  async extraFigures(graded) {
    const verdicts = graded.flatMap(({ samples }) =>
      samples.flatMap(({ details }) => details!.verdicts as number[]),
    )
    return { shares: { winRate: verdicts.length === 0 ? null : winShare(verdicts) } }
  },
  paper: [
    {
      row: 'ArenaHard',
      figure: ({ extra }) => (extra.shares?.winRate == null ? null : extra.shares.winRate * 100),
    },
  ],
}

/** With one rival, what a Bradley-Terry model of these battles gives. */
function winShare(verdicts: readonly number[]): number {
  const battles = verdicts.map((verdict) => ({
    weight: Math.abs(verdict) === 2 ? 3 : 1,
    won: (1 + Math.sign(verdict)) / 2,
  }))
  const weight = battles.reduce((sum, battle) => sum + battle.weight, 0)
  return battles.reduce((sum, battle) => sum + battle.weight * battle.won, 0) / weight
}
