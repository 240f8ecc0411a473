import { describe, expect, it } from 'vitest'
import { letterTokenizer } from '../../test/letter-world.ts'
import { responseOf } from '../../test/response.ts'
import { processReward, readSteps } from './process.ts'

const tokenizer = letterTokenizer('ab;.q')
const [A, , SEMICOLON, END] = [0, 1, 2, 3]
const reader = {
  encode: tokenizer.encode,
  stepTokens: [SEMICOLON],
  stopTokens: [END],
  prompt: () => tokenizer.encode('qq'),
}

describe('process reward', () => {
  it('looks after each step and after the end', () => {
    const { response, at } = readSteps(reader, 'ab;b;a')
    expect(tokenizer.decode(response)).toBe('ab;b;a.')
    expect(at).toEqual([2, 4, 6])
    expect(readSteps(reader, 'ab').at).toEqual([2])
  })

  it('is the chance of the worst step, in one batch', async () => {
    const batches: number[] = []
    const reward = processReward({
      ...reader,
      model: {
        /** How many a there were so far, less those of b; elsewhere than after a step or the end −9. */
        async values(sequences) {
          batches.push(sequences.length)
          return sequences.map((tokens) => {
            let lead = 0
            return Float32Array.from(tokens, (token) => {
              if (token < 2) lead += token === A ? 1 : -1
              return token === SEMICOLON || token === END ? lead : -9
            })
          })
        },
      },
    })
    const scores = await Promise.all(['aa;b;a', 'b;aaa', 'a'].map((text) => reward.score(responseOf(text))))
    expect(scores).toEqual([1, -1, 1].map((worst) => expect.closeTo(1 / (1 + Math.exp(-worst)), 6)))
    expect(batches).toEqual([3])
  })
})
