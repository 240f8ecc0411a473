import { expect, it } from 'vitest'
import type { Group, Rollout } from '../rollout/rollout.ts'
import { rolloutStatistics } from './rollout-statistics.ts'

const question = { id: 'q', prompt: '?', answer: '' }
const rollout = (text: string, length: number, fields: Partial<Rollout> = {}): Rollout => ({
  question,
  prompt: Int32Array.of(0),
  tokens: new Int32Array(length),
  logprobs: new Float32Array(length),
  text,
  stopReason: 'stop',
  rewards: { accuracy: 0 },
  reward: 0,
  ...fields,
})

it('means over responses; a reward that does not apply is in no mean', () => {
  const groups: Group[] = [
    {
      question,
      rollouts: [
        rollout('<think> wait, wait </think> 1', 6, {
          rewards: { accuracy: 1, language: null, helpful: null },
          reward: 1,
        }),
        rollout('no thoughts', 2, { rewards: { accuracy: 0, language: 0.5 }, stopReason: 'length' }),
      ],
    },
    { question, rollouts: [rollout('', 4), rollout('', 4)] },
  ]
  expect(rolloutStatistics(groups)).toEqual({
    reward: 0.25,
    accuracy: 0.25,
    language: 0.5,
    meanTokens: 4,
    sampledTokens: 16,
    truncatedShare: 0.25,
    reflectionWords: 0.5,
    mixedLanguageShare: 0,
    groupsWithSignal: 0.5,
  })
})
