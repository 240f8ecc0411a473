/** A remote engine's double: another engine whose verbs take time, sampling and training each on its own machines. */
import type { Engine, Policy, SampleRequest } from '../src/engine/engine.ts'
import { PUBLISHED_SHAPES } from '../src/model/published-shapes.ts'
import { ACCELERATORS } from '../src/plan/accelerators.ts'
import { planR1Zero } from '../src/plan/plan.ts'
import { randomStream } from '../src/random.ts'
import { r1ZeroConfig } from '../src/recipes/r1-zero.ts'

export interface Latencies {
  /** Seconds until all responses to a request are there. */
  sample: (request: SampleRequest) => number
  /** Seconds of a forward and backward pass over a minibatch. */
  train: number
}

export function slowEngine<E extends Engine>(engine: E, { sample, train }: Latencies): E {
  const slow = <P extends Policy>(policy: P): P => ({
    ...policy,
    async sample(requests) {
      await sleep(Math.max(...requests.map(sample)))
      return await policy.sample(requests)
    },
  })
  return {
    ...slow(engine),
    snapshot: async () => slow(await engine.snapshot()),
    async forwardBackward(batch, objective) {
      await sleep(train)
      return await engine.forwardBackward(batch, objective)
    },
  }
}

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, 1000 * seconds))

/**
 * Qwen2.5-7B on two pools of H100, one that samples and one that trains: what `r1 plan` says they take for a rollout of
 * these settings. Lengths are exponentially distributed and cut at the limit, so the last groups of a rollout keep
 * it waiting for several times the mean.
 */
export function latencies7B(
  settings: { questionsPerStep: number; groupSize: number; minibatches: number },
  pools: { sampling: number; training: number },
): Latencies {
  const config = r1ZeroConfig.parse({ grpo: { ...settings, maxTokens: 8192, klWeight: 0 } })
  const plan = (count: number) =>
    planR1Zero(config, PUBLISHED_SHAPES['Qwen2.5-7B']!, { accelerator: ACCELERATORS.h100!, count }).seconds
  const longest = plan(pools.sampling).sampling
  const mean = longest / 6
  return {
    sample({ seed, samples }) {
      const { uniform } = randomStream(seed, 'lengths')
      const lengths = Array.from({ length: samples }, () => -mean * Math.log(1 - uniform()))
      return Math.min(longest, Math.max(...lengths))
    },
    train: plan(pools.training).training / settings.minibatches,
  }
}
