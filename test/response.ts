/** A response for tests of rewards: right where its text contains `right`, unless the test says otherwise. */
import type { ResponseToScore } from '../src/rewards/reward.ts'

export function responseOf(text: string, fields: Partial<ResponseToScore> = {}): ResponseToScore {
  return {
    question: { id: 'q', prompt: '?', answer: 'a' },
    task: {
      name: 't',
      verify: (_, answer) => ({ correct: answer.includes('right'), extracted: null, reason: '' }),
    },
    text,
    numTokens: text.length,
    stopReason: 'stop',
    ...fields,
  }
}
