/** What three trainers send to a reward function, and what they take back. */
import { z } from 'zod'
import type { Scored } from '../../rewards/reward.ts'
import { integers, listOf } from '../bounded-list.ts'
import type { Item } from './score.ts'

/** Of one request, which in training is a batch. */
const MOST_RESPONSES = { max: 65_536 }
const MOST_TOKENS = { max: 1_000_000 }
const texts = listOf(z.string(), MOST_RESPONSES)
const answers = listOf(z.unknown(), MOST_RESPONSES)

/** OpenRLHF's remote reward model: `query` is prompt and response in one, special tokens included. */
export const openRlhfRequest = z.object({
  query: texts,
  prompts: texts,
  labels: answers,
})

/** verl's compute_score, for one response or, as its batch manager calls it, for several. */
const verlSingle = z.object({ solution_str: z.string(), ground_truth: z.unknown() })
const verlBatch = z.object({ solution_strs: texts, ground_truths: answers })
export const verlRequest = z.union([verlSingle, verlBatch])

/** TRL's reward function: texts, or conversations whose last message counts. */
const message = z.object({ content: z.string().nullish() })
const text = z.union([
  z.string(),
  listOf(message, { min: 1, max: 10_000 }).transform((messages) => messages.at(-1)!.content ?? ''),
])
export const trlRequest = z.object({
  prompts: listOf(text, MOST_RESPONSES).optional(),
  completions: listOf(text, MOST_RESPONSES),
  answer: answers,
  completion_ids: listOf(integers(0, 2 ** 31 - 1, MOST_TOKENS), MOST_RESPONSES).optional(),
})

export function openRlhfItems({ query, prompts, labels }: z.output<typeof openRlhfRequest>): Item[] {
  return query.map((whole, i) => ({
    place: `query[${i}]`,
    prompt: prompts[i]!,
    response: responseIn(whole, prompts[i]!),
    answer: labels[i],
  }))
}

/** What follows the prompt, without the special tokens at the end, which no reward should see. */
function responseIn(query: string, prompt: string): string {
  const at = query.indexOf(prompt)
  let response = at < 0 ? query : query.slice(at + prompt.length)
  for (;;) {
    const end = response.lastIndexOf('<')
    if (end < 0 || !SPECIAL_TOKEN.test(response.slice(end))) return response
    response = response.slice(0, end).trimEnd()
  }
}
const SPECIAL_TOKEN = /^(?:<[|｜][^<>]*[|｜]>|<\/s>)\s*$/u

export const verlItems = (request: z.output<typeof verlRequest>): Item[] =>
  'solution_strs' in request
    ? request.solution_strs.map((response, i) => ({
        place: `solution_strs[${i}]`,
        prompt: '',
        response,
        answer: request.ground_truths[i],
      }))
    : [{ place: 'solution_str', prompt: '', response: request.solution_str, answer: request.ground_truth }]

export const trlItems = (request: z.output<typeof trlRequest>): Item[] =>
  request.completions.map((response, i) => ({
    place: `completions[${i}]`,
    prompt: request.prompts?.[i] ?? '',
    response,
    answer: request.answer[i],
    numTokens: request.completion_ids?.[i]?.length,
  }))

/** `scores` are what OpenRLHF filters by, 0 to 1. Logs are numbers only, so a part that does not apply is 0 there. */
export const openRlhfAnswer = (scored: readonly Scored[]) => ({
  rewards: scored.map(({ reward }) => reward),
  scores: scored.map(({ rewards, reward }) => rewards.accuracy ?? reward),
  extra_logs: Object.fromEntries(
    Object.keys(scored[0]?.rewards ?? {}).map((name) => [
      name,
      scored.map(({ rewards }) => rewards[name] ?? 0),
    ]),
  ),
})

/** `acc` is what verl validates by. */
export const verlAnswer = ({ reward, rewards }: Scored) => ({
  score: reward,
  ...(rewards.accuracy !== undefined && { acc: rewards.accuracy ?? 0 }),
  ...Object.fromEntries(Object.entries(rewards).map(([name, value]) => [name, value ?? 0])),
})

/** TRL takes null for "does not apply": where no part applies there is no reward. */
export const trlAnswer = (scored: readonly Scored[]) => ({
  rewards: scored.map(({ reward, rewards }) =>
    Object.values(rewards).every((value) => value === null) ? null : reward,
  ),
  parts: scored.map(({ rewards }) => rewards),
})
