/**
 * An objective's value, gradient and statistics in float64 from log-probabilities alone. What remote engines send
 * as per-token coefficients, what the tabular engine trains by, and what compiled graphs are tested against.
 */
import { differentiate } from '../graph/differentiate.ts'
import { evaluate } from '../graph/evaluate.ts'
import {
  cast,
  constant,
  div,
  equal,
  gather,
  input,
  maximum,
  mul,
  not,
  scatterAdd,
  sum,
} from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { Objective, TokenBatch } from './objective.ts'

/** One sequence's predictions, aligned with a datum's weights. */
export interface ScoredSequence {
  logprobs: ArrayLike<number>
  weights: ArrayLike<number>
  inputs?: Readonly<Record<string, ArrayLike<number>>>
  /** Taken as 0 where the engine cannot tell; then entropy terms count for nothing. */
  entropies?: ArrayLike<number>
}

export interface ObjectiveValue {
  loss: number
  /** ∂loss/∂log π of each prediction. */
  coefficients: Float64Array[]
  /** ∂loss/∂entropy of each prediction. */
  entropyCoefficients: Float64Array[]
  /** Means over the predictions of nonzero weight; 0 where there are none. */
  statistics: Record<string, number>
}

export function evaluateObjective(
  objective: Objective,
  sequences: readonly ScoredSequence[],
): ObjectiveValue {
  const lengths = sequences.map(({ weights }) => weights.length)
  const join = (name: string, part: (sequence: ScoredSequence) => ArrayLike<number>) =>
    Float64Array.from(
      sequences.flatMap((sequence, s) => {
        const values = Array.from(part(sequence))
        if (values.length !== lengths[s])
          throw new Error(`evaluateObjective: ${values.length} ${name} for ${lengths[s]} weights`)
        return values
      }),
    )
  const N = lengths.reduce((total, length) => total + length, 0)
  if (N === 0) return { loss: 0, coefficients: [], entropyCoefficients: [], statistics: {} }
  const feeds: Record<string, Float64Array> = {
    weights: join('weights', ({ weights }) => weights),
    logprobs: join('logprobs', ({ logprobs }) => logprobs),
    entropies: join('entropies', ({ entropies, weights }) => entropies ?? new Float64Array(weights.length)),
  }
  for (const name of objective.inputs)
    feeds[`input:${name}`] = join(name, ({ inputs }) => inputs?.[name] ?? [])

  const { statistics, ...graph } = objectiveGraph(objective, lengths)
  const names = Object.keys(statistics)
  const [value, byLogprob, byEntropy, ...means] = evaluate(
    [graph.loss, graph.coefficients, graph.entropyCoefficients, ...Object.values(statistics)],
    feeds,
  )
  const split = (values: Float64Array) => {
    let at = 0
    return lengths.map((length) => {
      at += length
      return values.slice(at - length, at)
    })
  }
  return {
    loss: value![0]!,
    coefficients: split(byLogprob!),
    entropyCoefficients: split(byEntropy!),
    statistics: Object.fromEntries(names.map((name, i) => [name, means[i]![0]!])),
  }
}

/**
 * The objective over sequences of these lengths as a graph of the inputs `logprobs`, `weights`, `entropies` and
 * `input:<name>`, each of all sequences end to end.
 */
export function objectiveGraph(objective: Objective, lengths: readonly number[]) {
  const N = lengths.reduce((total, length) => total + length, 0)
  const weights = input('weights', [N])
  const logprobs = input('logprobs', [N])
  const entropies = input('entropies', [N])
  const mask = cast(not(equal(weights, 0)), 'float32')
  const places = constant(
    lengths.flatMap((length, s) => new Array<number>(length).fill(s)),
    [N],
    'int64',
  )
  const batch: TokenBatch = {
    logprobs,
    entropies,
    mask,
    input: (name) => input(`input:${name}`, [N]),
    sequenceMean(values) {
      const bySequence = (x: Tensor) => scatterAdd(lengths.length, places, mul(x, mask))
      return gather(div(bySequence(values), maximum(bySequence(mask), 1)), places)
    },
  }
  const built = objective.build(batch)
  const loss = sum(mul(weights, built.loss))
  const [coefficients, entropyCoefficients] = differentiate(loss, [logprobs, entropies])
  const count = maximum(sum(mask), 1)
  const statistics = Object.fromEntries(
    Object.entries(built.statistics).map(([name, x]) => [name, div(sum(mul(x, mask)), count)]),
  )
  return { loss, coefficients: coefficients!, entropyCoefficients: entropyCoefficients!, statistics }
}
