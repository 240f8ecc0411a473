/** A model's parameters as states of a runtime. */
import { state } from '../../graph/operations.ts'
import { isPacked } from '../../graph/packed.ts'
import { sizeOf, type Tensor } from '../../graph/tensor.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { halved } from '../../runtime/packed-values.ts'
import type { Runtime, State } from '../../runtime/runtime.ts'
import type { PackedTypes } from './packed-weights.ts'

export interface Weights {
  readonly specs: readonly ParameterSpec[]
  /** By name, for the graph inputs that `parameterInputs` makes. */
  readonly states: Readonly<Record<string, State>>
}

/**
 * One set of parameters' numbers end to end: `flat` may become their memory. Zeros without. Packed parameters have the types
 * that `packed` says, and only half precision can be made from numbers.
 */
export function createWeights(
  runtime: Runtime,
  specs: readonly ParameterSpec[],
  flat?: Float32Array,
  packed: PackedTypes = new Map(),
): Weights {
  if (flat !== undefined && flat.length !== numWeights({ specs }))
    throw new Error(`${flat.length} numbers for ${numWeights({ specs })} parameters`)
  let offset = 0
  const states: Record<string, State> = {}
  for (const { name, shape } of specs) {
    const size = sizeOf(shape)
    const type = packed.get(name)
    const values = flat?.subarray(offset, offset + size)
    states[name] =
      type === undefined
        ? runtime.create(shape, 'float32', values)
        : runtime.create(shape, type, values && halved(values))
    offset += size
  }
  return { specs, states }
}

export function copyWeights(runtime: Runtime, weights: Weights): Weights {
  const types = weights.specs.flatMap(({ name }) => {
    const { dtype } = weights.states[name]!
    return isPacked(dtype) ? [[name, dtype] as const] : []
  })
  const copy = createWeights(runtime, weights.specs, undefined, new Map(types))
  for (const { name, shape } of weights.specs)
    runtime.copy(weights.states[name]!, copy.states[name]!, [{ from: 0, to: 0, length: sizeOf(shape) }])
  return copy
}

/** The same weights, but for `own`, which get memory of their own. */
export function shareWeights(runtime: Runtime, weights: Weights, own: readonly ParameterSpec[]): Weights {
  return { specs: weights.specs, states: { ...weights.states, ...createWeights(runtime, own).states } }
}

export function releaseWeights({ states }: Weights): void {
  for (const held of Object.values(states)) held.release()
}

export const numWeights = ({ specs }: Pick<Weights, 'specs'>): number =>
  specs.reduce((total, { shape }) => total + sizeOf(shape), 0)

/** All numbers, one parameter after the other, as `createWeights` takes them. */
export async function readWeights({ specs, states }: Weights): Promise<Float32Array<ArrayBuffer>> {
  const flat = new Float32Array(numWeights({ specs }))
  let offset = 0
  for (const { name, shape } of specs) {
    flat.set(await states[name]!.read(), offset)
    offset += sizeOf(shape)
  }
  return flat
}

export function writeWeights({ specs, states }: Weights, flat: Float32Array): void {
  let offset = 0
  for (const { name, shape } of specs) {
    states[name]!.write(flat.subarray(offset, offset + sizeOf(shape)))
    offset += sizeOf(shape)
  }
}

/** From this many on, a graph runs so long that allocating its memory again hardly counts, and the memory of a hundred graphs is too much. */
export const isLarge = (weights: Pick<Weights, 'specs'>): boolean => numWeights(weights) > 2 ** 25

/** One graph input a parameter. */
export const parameterInputs = (specs: readonly ParameterSpec[]): Map<string, Tensor> =>
  new Map(specs.map(({ name, shape }) => [name, state(name, shape)]))
