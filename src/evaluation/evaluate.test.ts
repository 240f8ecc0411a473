import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Responder } from '../responders/responder.ts'
import { openResponseCache } from '../responders/response-cache.ts'
import type { QuestionSet } from '../tasks/task.ts'
import { evaluateResponder } from './evaluate.ts'

const sampling = { temperature: 1, topP: 1, maxTokens: 9 }

it('keeps nothing that was cut short because grading failed', async () => {
  const set: QuestionSet = {
    name: 'b',
    questions: ['1', '2'].map((id) => ({ id, prompt: id, answer: '' })),
    verify: async () => {
      throw new Error('the sandbox is gone')
    },
  }
  const responder: Responder = {
    name: 'm',
    async respond([first, second], onResponse, signal) {
      const { questionId, sample } = second!
      onResponse({ ...first!, text: 'whole', tokens: 1, stopReason: 'stop' })
      await new Promise((aborted) => signal.addEventListener('abort', aborted))
      onResponse({ questionId, sample, text: 'half an ans', tokens: 3, stopReason: 'length' })
    },
  }
  const cache = await openResponseCache(mkdtempSync(join(tmpdir(), 'r1-evaluate-')), {
    benchmark: 'b',
    dataHash: 'd',
    model: 'm',
    version: undefined,
    sampling,
    seed: 0,
  })
  const settings = { samples: 1, ...sampling }
  await expect(evaluateResponder({ set, responder, settings, seed: 0, cache })).rejects.toThrow(
    'the sandbox is gone',
  )
  cache.close()
  const kept = readFileSync(cache.path, 'utf8').trim().split('\n')
  expect(kept.map((line) => JSON.parse(line).text)).toEqual(['whole'])
})
