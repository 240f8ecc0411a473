/**
 * An objective's value, gradient and statistics in float64 from what the model said. What remote engines send
 * as per-token coefficients, what the tabular models train by, and what compiled graphs are tested against.
 */
import { differentiate } from '../graph/differentiate.ts'
import { evaluate } from '../graph/evaluate.ts'
import { constant, div, input, maximum, mul, sum } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { type Objective, type SequenceBatch, type ValueObjective, weightedLoss } from './objective.ts'

interface Weighted {
  weights: ArrayLike<number>
  inputs?: Readonly<Record<string, ArrayLike<number>>>
}

/** One sequence's predictions, aligned with a datum's weights. */
export interface ScoredSequence extends Weighted {
  logprobs: ArrayLike<number>
  /** Taken as 0 where the engine cannot tell; then entropy terms count for nothing. */
  entropies?: ArrayLike<number>
}

/** One sequence's values, one after each token. */
export interface ValuedSequence extends Weighted {
  values: ArrayLike<number>
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
  const { loss, gradients, statistics } = evaluateGraph(objective, sequences, {
    logprobs: ({ logprobs }) => logprobs,
    entropies: ({ entropies, weights }) => entropies ?? new Float64Array(weights.length),
  })
  return { loss, coefficients: gradients[0]!, entropyCoefficients: gradients[1]!, statistics }
}

/** The same of an objective over values; `coefficients` are ∂loss/∂value. */
export function evaluateValueObjective(
  objective: ValueObjective,
  sequences: readonly ValuedSequence[],
): Omit<ObjectiveValue, 'entropyCoefficients'> {
  const { loss, gradients, statistics } = evaluateGraph(objective, sequences, {
    values: ({ values }) => values,
  })
  return { loss, coefficients: gradients[0]!, statistics }
}

type Said<Batch extends SequenceBatch> = Extract<Exclude<keyof Batch, keyof SequenceBatch>, string>

function evaluateGraph<Batch extends SequenceBatch, Sequence extends Weighted>(
  objective: Objective<Batch>,
  sequences: readonly Sequence[],
  said: Record<Said<Batch>, (sequence: Sequence) => ArrayLike<number>>,
): { loss: number; gradients: Float64Array[][]; statistics: Record<string, number> } {
  const parts = Object.entries(said) as [Said<Batch>, (sequence: Sequence) => ArrayLike<number>][]
  const lengths = sequences.map(({ weights }) => weights.length)
  const join = (name: string, part: (sequence: Sequence) => ArrayLike<number>) =>
    Float64Array.from(
      sequences.flatMap((sequence, s) => {
        const values = Array.from(part(sequence))
        if (values.length !== lengths[s])
          throw new Error(`evaluateObjective: ${values.length} ${name} for ${lengths[s]} weights`)
        return values
      }),
    )
  if (lengths.every((length) => length === 0))
    return { loss: 0, gradients: parts.map(() => lengths.map(() => new Float64Array(0))), statistics: {} }
  const feeds: Record<string, Float64Array> = { weights: join('weights', ({ weights }) => weights) }
  for (const [name, part] of parts) feeds[name] = join(name, part)
  for (const name of objective.inputs)
    feeds[`input:${name}`] = join(name, ({ inputs }) => inputs?.[name] ?? [])

  const { loss, gradients, statistics } = objectiveGraph(
    objective,
    lengths,
    parts.map(([name]) => name),
  )
  const names = Object.keys(statistics)
  const [value, ...rest] = evaluate([loss, ...gradients, ...Object.values(statistics)], feeds)
  const split = (values: Float64Array) => {
    let at = 0
    return lengths.map((length) => {
      at += length
      return values.slice(at - length, at)
    })
  }
  const means = rest.slice(parts.length)
  return {
    loss: value![0]!,
    gradients: rest.slice(0, parts.length).map(split),
    statistics: Object.fromEntries(names.map((name, i) => [name, means[i]![0]!])),
  }
}

/**
 * The objective over sequences of these lengths as a graph of the inputs `weights`, `input:<name>` and those named in
 * `said` (`logprobs`, `entropies`; `values`), each of all sequences end to end. `gradients` are by what is said.
 */
export function objectiveGraph<Batch extends SequenceBatch>(
  objective: Objective<Batch>,
  lengths: readonly number[],
  said: readonly Said<Batch>[],
): { loss: Tensor; gradients: Tensor[]; statistics: Record<string, Tensor> } {
  const N = lengths.reduce((total, length) => total + length, 0)
  const inputs = said.map((name) => [name, input(name, [N])] as const)
  const places = constant(
    lengths.flatMap((length, s) => new Array<number>(length).fill(s)),
    [N],
    'int64',
  )
  const { loss, statistics, mask } = weightedLoss(
    objective,
    Object.fromEntries(inputs) as Omit<Batch, keyof SequenceBatch>,
    places,
    lengths.length,
  )
  const count = maximum(sum(mask), 1)
  return {
    loss,
    gradients: differentiate(
      loss,
      inputs.map(([, x]) => x),
    ),
    statistics: Object.fromEntries(
      Object.entries(statistics).map(([name, x]) => [name, div(sum(mul(x, mask)), count)]),
    ),
  }
}
