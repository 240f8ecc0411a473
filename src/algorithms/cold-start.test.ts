import { describe, expect, it } from 'vitest'
import { letterQuestion } from '../../test/letter-world.ts'
import type { ModelResponse, Responder, ResponseRequest } from '../responders/responder.ts'
import type { Task } from '../tasks/task.ts'
import { type RightResponse, rewriteReadable } from './cold-start.ts'

/** Right is what ends with 7. */
const task: Task = {
  name: 'seven',
  verify: (_, response) => ({ correct: response.endsWith('7'), extracted: null, reason: '' }),
}
const right = (prompt: string, language = 'en'): RightResponse => ({
  task,
  question: { ...letterQuestion(prompt), language },
  text: `<think> 3 + 4 试 7 (${prompt}) </think> <answer> 7 </answer>`,
})

function responder(answer: (request: ResponseRequest) => Partial<ModelResponse>) {
  const requests: ResponseRequest[] = []
  const rewriter: Responder = {
    name: 'scripted',
    async respond(all, onResponse) {
      for (const request of all) {
        requests.push(request)
        const { questionId, sample } = request
        onResponse({ questionId, sample, tokens: 1, stopReason: 'stop', text: '', ...answer(request) })
      }
    },
  }
  return { of: rewriter, requests }
}

const isSummary = ({ prompt }: ResponseRequest) => prompt.includes('Thoughts:')
const rewrite = (responses: readonly RightResponse[], rewriter: Responder) =>
  rewriteReadable(responses, {
    responder: rewriter,
    sampling: { temperature: 0.6, topP: 1, maxTokens: 100 },
    seed: 'seed',
  })

describe('rewriteReadable', () => {
  it('asks for the thoughts, then for the summary of them, and puts them in R1’s form', async () => {
    const { of: rewriter, requests } = responder((request) => ({
      text: isSummary(request) ? '<think>hm</think>The sum is 7' : 'I add three and four',
    }))
    expect(await rewrite([right('a'), right('b')], rewriter)).toEqual(
      Array(2).fill('<think>\nI add three and four\n</think>\n\nThe sum is 7'),
    )
    expect(requests.map(isSummary)).toEqual([false, false, true, true])
    expect(requests[0]!.prompt).toMatch(/in English only[\s\S]*Question:\na[\s\S]*3 \+ 4 试 7 \(a\)/)
    expect(requests[2]!.prompt).toMatch(/I add three and four[\s\S]*Result: 7/)
    expect(new Set(requests.map(({ seed }) => seed)).size).toBe(4)
  })

  it.each([
    ['is wrong now', { text: 'The sum is 8' }],
    ['is in another language', { text: '和是 7' }],
    ['has no words', { text: '7' }],
    ['failed', { error: 'no server' }],
    ['was cut off', { text: 'The sum is 7', stopReason: 'length' as const }],
  ])('drops what %s', async (_, summary) => {
    const { of: rewriter } = responder((request) =>
      isSummary(request) ? summary : { text: 'I add three and four' },
    )
    expect(await rewrite([right('a')], rewriter)).toEqual([null])
  })

  it('asks for no summary where there are no thoughts, and keeps places', async () => {
    const { of: rewriter, requests } = responder((request) =>
      request.prompt.includes('Question:\na') && !isSummary(request)
        ? { error: 'refused' }
        : { text: isSummary(request) ? '和是 7' : '我先把三和四加起来' },
    )
    const [first, second] = await rewrite([right('a'), right('b', 'zh')], rewriter)
    expect([first, second]).toEqual([null, '<think>\n我先把三和四加起来\n</think>\n\n和是 7'])
    expect(requests.filter(isSummary).length).toBe(1)
    expect(requests[1]!.prompt).toContain('in Chinese only')
  })
})
