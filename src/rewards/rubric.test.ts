import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { JudgeError } from '../errors.ts'
import { openJudge } from '../responders/judge.ts'
import type { ModelResponse, ResponseRequest } from '../responders/responder.ts'
import { scoreResponse } from './reward.ts'
import { rubricReward } from './rubric.ts'

function grader(reply: string) {
  const prompts: string[] = []
  const judge = openJudge({
    responder: {
      name: 'grader',
      async respond(requests: readonly ResponseRequest[], onResponse: (response: ModelResponse) => void) {
        for (const { prompt } of requests) {
          prompts.push(prompt)
          onResponse({ questionId: 'judge', sample: 0, tokens: 1, stopReason: 'stop', text: reply })
        }
      },
    },
    concurrency: 2,
    seed: 1,
  })
  return { judge, prompts }
}

const RUBRIC = 'Polite, and no longer than two sentences.'
const response = responseOf('<think>who asks?</think> Good morning.')

describe('rubricReward', () => {
  it('divides the grade by ten, and asks once about the rubric, the question and what follows the thinking', async () => {
    const { judge, prompts } = grader('<think>1?</think>{"analysis": "kind", "grade": 7}')
    const reward = rubricReward({ judge, rubric: RUBRIC })
    expect([await reward.score(response), await reward.score(response)]).toEqual([0.7, 0.7])
    expect(prompts).toHaveLength(1)
    for (const part of [RUBRIC, response.question.prompt, 'Good morning.']) expect(prompts[0]).toContain(part)
    expect(prompts[0]).not.toContain('who asks?')
  })

  it('is 0 for a response without an answer, which nobody is asked about', async () => {
    const { judge, prompts } = grader('{"grade": 10}')
    expect(await rubricReward({ judge, rubric: RUBRIC }).score(responseOf('<think>hm'))).toBe(0)
    expect(prompts).toEqual([])
  })

  it.each(['I like it', '{"grade": 11}', '{"grade": "good"}'])('%s is no grade', async (reply) => {
    const { judge } = grader(reply)
    const reward = rubricReward({ judge, rubric: RUBRIC })
    await expect(scoreResponse([reward], response)).rejects.toThrow(JudgeError)
    const skipped = rubricReward({ judge, rubric: RUBRIC, limits: { onFailure: 'skip' } })
    expect(await scoreResponse([skipped], response)).toEqual({
      rewards: { rubric: null },
      reward: 0,
      failed: ['rubric'],
    })
  })
})
