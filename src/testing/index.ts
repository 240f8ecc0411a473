/**
 * The door `r1-ts/testing`: a reward held to what it should prefer, in Vitest.
 *
 *     import 'r1-ts/testing'
 *
 *     await expect(reward).toPrefer('<think> 1 + 1 </think> <answer> 2 </answer>').over('2')
 *     await expect(reward).not.toPrefer(long).over(short)
 */
import { chai } from 'vitest'
import { checkedReward } from '../rewards/checked-reward.ts'
import { type AnyReward, type ResponseToScore, scoreGroup } from '../rewards/reward.ts'

/** A response by its text, or with whatever else the reward looks at. */
export type GivenResponse = string | (Partial<ResponseToScore> & { text: string })

/**
 * Unless it says otherwise: to a question whose answer is `4`, right where an `<answer>` says 4, as many tokens as words,
 * and ended by itself.
 */
export function responseOf(given: GivenResponse): ResponseToScore {
  const { text, ...fields } = typeof given === 'string' ? { text: given } : given
  return {
    question: { id: 'q', prompt: 'What is 2 + 2?', answer: '4' },
    task: {
      name: 'test',
      verify({ answer }, response) {
        const extracted = /<answer>\s*(.*?)\s*<\/answer>/s.exec(response)?.[1] ?? null
        return { correct: extracted === answer, extracted, reason: `against ${answer}` }
      },
    },
    text,
    numTokens: text.split(/\s+/).filter((word) => word !== '').length,
    stopReason: 'stop',
    ...fields,
  }
}

export interface Preference {
  /** Fails unless the weighted score of the one is above that of the other. A group reward sees both as one group. */
  over(other: GivenResponse): Promise<void>
}

declare module 'vitest' {
  interface Assertion<T> {
    /** Of a reward; its `over` is to be awaited. */
    toPrefer(response: T extends AnyReward ? GivenResponse : never): Preference
  }
}

chai.use((library, { addMethod, flag }) => {
  addMethod(
    library.Assertion.prototype,
    'toPrefer',
    function (this: Chai.AssertionStatic, preferred: GivenResponse): Preference {
      const reward = checkedReward('toPrefer', flag(this, 'object'))
      const negated = flag(this, 'negate') === true
      return {
        async over(other) {
          const [a, b] = await scoreGroup([reward], [responseOf(preferred), responseOf(other)])
          const prefers = a!.reward > b!.reward
          if (prefers === !negated) return
          const verb = negated ? 'not to prefer' : 'to prefer'
          throw new library.AssertionError(
            `expected ${reward.name} ${verb} ${quoted(preferred)} (${a!.reward}) over ${quoted(other)} (${b!.reward})`,
          )
        },
      }
    },
  )
})

function quoted(given: GivenResponse): string {
  const { text } = responseOf(given)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
}
