import { describe, expect, it } from 'vitest'
import { tagBareAnswer } from './bare-answer.ts'
import { countdown } from './countdown.ts'
import { pocketBenchmarks } from './pocket.ts'

async function* noRows() {}

const THOUGHT = '<think>so</think>\n\n'

describe('a bare answer', () => {
  it.each([
    [`${THOUGHT}5 - ( 10 - 6 )`, `${THOUGHT}<answer>5 - ( 10 - 6 )</answer>`],
    [`${THOUGHT}-12\n`, `${THOUGHT}<answer>-12</answer>`],
  ])('%j', (response, tagged) => expect(tagBareAnswer(response)).toBe(tagged))

  it.each([`${THOUGHT}I think 12`, '12', '<think>12', `${THOUGHT}<answer>12</answer>`, THOUGHT])(
    'is none: %j',
    (response) => expect(tagBareAnswer(response)).toBe(response),
  )

  it('is read by the benchmarks, and a wrong one is wrong', async () => {
    const game = { id: '1', prompt: '', answer: '', data: { numbers: [5, 6, 10], target: 1 } }
    expect(await countdown.verify(game, `${THOUGHT}5 - (10 - 6)`)).toMatchObject({ correct: true })
    expect(await countdown.verify(game, `${THOUGHT}5 + (10 - 6)`)).toMatchObject({ correct: false })
    for (const benchmark of pocketBenchmarks) {
      const question = (await benchmark.load(noRows(), { seed: 0 }))[0]!
      expect(await benchmark.verify(question, `${THOUGHT}${question.answer}`)).toMatchObject({
        correct: true,
      })
      expect(await benchmark.verify(question, `${THOUGHT}${question.answer} + 1`)).toMatchObject({
        correct: false,
      })
    }
  })
})
