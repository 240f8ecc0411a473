/** A rollout split at random into minibatches, one for each policy update, with the weights of their tokens. */
import { tokenWeights } from '../objectives/aggregation.ts'
import { randomStream } from '../random.ts'
import type { Rollout } from '../rollout/rollout.ts'
import type { GrpoConfig } from './grpo-config.ts'

/** The examples of update `update` of a rollout, each with the weight of its tokens in the update's objective. */
export function minibatch<Example extends { rollout: Rollout }>(
  examples: readonly Example[],
  config: Pick<GrpoConfig, 'minibatches' | 'maxTokens' | 'aggregation' | 'maskTruncated'>,
  update: number,
  seed: number,
  rollout: number,
): { example: Example; weight: number }[] {
  const { minibatches, maxTokens, aggregation, maskTruncated } = config
  const epoch = Math.floor(update / minibatches)
  const order =
    minibatches === 1 ? examples : randomStream(seed, 'minibatches', rollout, epoch).shuffle(examples)
  const bound = (index: number) => Math.floor((index * examples.length) / minibatches)
  const chosen = order.slice(bound(update % minibatches), bound((update % minibatches) + 1))
  const weights = tokenWeights(
    chosen.map(({ rollout: { tokens, stopReason } }) => ({
      tokens: tokens.length,
      truncated: stopReason === 'length',
    })),
    { aggregation, maxTokens, maskTruncated },
  )
  return chosen.map((example, i) => ({ example, weight: weights[i]! }))
}
