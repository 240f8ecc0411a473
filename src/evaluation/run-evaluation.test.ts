import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Responder } from '../responders/responder.ts'
import { findBenchmark } from './benchmark-index.ts'
import { runEvaluation } from './run-evaluation.ts'

it('asks only for what a larger limit adds, where the benchmark makes its questions itself', async () => {
  const asked: number[] = []
  const responder: Responder = {
    name: 'm',
    async respond(requests, onResponse) {
      asked.push(requests.length)
      for (const { questionId, sample } of requests)
        onResponse({ questionId, sample, text: 'x', tokens: 1, stopReason: 'stop' })
    },
  }
  const folder = mkdtempSync(join(tmpdir(), 'r1-run-evaluation-'))
  const { benchmark } = findBenchmark('word-problems')
  const settings = { samples: 1, temperature: 1, topP: 1, maxTokens: 9 }
  for (const limit of [3, 5, 4])
    await runEvaluation({
      benchmark,
      dataFile: null,
      limit,
      responder,
      settings,
      seed: 0,
      folder,
      compare: [],
    })
  expect(asked).toEqual([3, 2])
})
