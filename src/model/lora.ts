/**
 * LoRA (arXiv 2106.09685): beside each target matrix W [out, in] a product of two narrow ones,
 * y = W x + alpha/rank · B A x, of which only A [rank, in] and B [out, rank] are trained. B starts at zero, so training
 * starts at the base model. Names and initial values are those of PEFT. Left out: dropout, biases, rsLoRA, DoRA, and
 * adapters of experts, embedding or head.
 */
import { ConfigError } from '../errors.ts'
import { add, linear, matmul, mul, reshape, state } from '../graph/operations.ts'
import { rewrite } from '../graph/rewrite.ts'
import { is, type Tensor } from '../graph/tensor.ts'
import type { RandomStream } from '../random.ts'
import { isMatrix, type ParameterSpec } from './parameters.ts'

/** Number formats of the matrices that adapters stand beside: see graph/packed.ts. */
export const FROZEN = ['float32', 'float16', 'stored'] as const
export type Frozen = (typeof FROZEN)[number]

export interface Lora {
  rank: number
  alpha: number
  /** Last parts of the matrices' names: q_proj, down_proj, …; all-linear stands for all that no expert has. */
  targets: readonly string[]
}

/**
 * Throws where an adapter that is to be trained as `asked` is, in the folder `place`, one of other settings. Targets are the
 * same where they are the same matrices.
 */
export function checkSameLora(
  specs: readonly ParameterSpec[],
  asked: Lora,
  found: Lora,
  place: string,
): void {
  const modules = (lora: Lora) => [
    ...new Set(adaptedMatrices(specs, lora).map(({ weight }) => moduleOf(weight))),
  ]
  const settings = [
    ['rank', asked.rank, found.rank],
    ['alpha', asked.alpha, found.alpha],
    ['targets', modules(asked), modules(found)],
  ] as const
  for (const [name, value, kept] of settings)
    if (JSON.stringify(value) !== JSON.stringify(kept))
      throw new ConfigError('the adapter that training continues has another value.', {
        field: `lora.${name}`,
        value,
        expected: `${JSON.stringify(kept)}, as in ${place}`,
        remedy: 'Or merge it into its base first: r1 merge',
      })
}

/** A target matrix and the names of its adapter in PEFT's files. */
export interface AdaptedMatrix {
  weight: ParameterSpec
  a: ParameterSpec
  b: ParameterSpec
}

/** A target that no matrix has, or that only experts have, is an error. */
export function adaptedMatrices(
  specs: readonly ParameterSpec[],
  { rank, targets }: Pick<Lora, 'rank' | 'targets'>,
): AdaptedMatrix[] {
  const inLayers = specs.filter(
    (spec) => isMatrix(spec) && /\.layers\.\d+\..*_proj.*\.weight$/.test(spec.name),
  )
  const known = new Set(inLayers.filter(({ name }) => !name.includes('.experts.')).map(moduleOf))
  const ofExperts = new Set(inLayers.filter(({ name }) => name.includes('.experts.')).map(moduleOf))
  const chosen = targets.includes('all-linear')
    ? [...known].filter((module) => !ofExperts.has(module))
    : targets
  for (const target of chosen)
    if (!known.has(target))
      throw new ConfigError('this model has no such matrix to adapt.', {
        field: 'lora.targets',
        value: target,
        expected: `some of ${[...known].join(', ')}`,
      })
  return inLayers
    .filter((spec) => chosen.includes(moduleOf(spec)))
    .map((weight) => {
      if (weight.name.includes('.experts.'))
        throw new ConfigError('experts cannot be adapted.', {
          field: 'lora.targets',
          value: moduleOf(weight),
          remedy: `Adapt attention alone: ${[...known].filter((name) => !/gate|up|down/.test(name)).join(', ')}.`,
        })
      const module = `base_model.model.${weight.name.replace(/\.weight$/, '')}`
      const [outer, inner] = weight.shape as [number, number]
      return {
        weight,
        a: { name: `${module}.lora_A.weight`, shape: [rank, inner] },
        b: { name: `${module}.lora_B.weight`, shape: [outer, rank] },
      }
    })
}

const moduleOf = ({ name }: ParameterSpec): string => name.split('.').at(-2)!

/** A uniform within ±1/√in, B zero. */
export function initializeAdapter({ a }: AdaptedMatrix, stream: RandomStream, into: Float32Array): void {
  const bound = 1 / Math.sqrt(a.shape[1]!)
  for (let i = 0; i < into.length; i++) into[i] = bound * (2 * stream.uniform() - 1)
}

/**
 * The outputs of a graph in which every product with a target matrix, scaled by a norm's gain or not, has the narrow
 * path beside it. A and B become graph inputs of their names.
 */
export function withAdapters(
  outputs: readonly Tensor[],
  matrices: readonly AdaptedMatrix[],
  { rank, alpha }: Lora,
): Tensor[] {
  const byWeight = new Map(matrices.map((matrix) => [matrix.weight.name, matrix]))
  return rewrite(outputs, (x) => {
    // A weight that is cut before its products (latent attention) gets its sum with the narrow product instead.
    if (is(x, 'reshape') && is(x.inputs[0]!, 'input')) {
      const matrix = byWeight.get(x.inputs[0].attributes.name)
      if (matrix === undefined) return x
      const narrow = matmul(state(matrix.b.name, matrix.b.shape), state(matrix.a.name, matrix.a.shape))
      return reshape(add(x.inputs[0], mul(narrow, alpha / rank)), x.shape)
    }
    if (!is(x, 'matmul') || !x.attributes.transposeB || x.shape.length !== 2) return x
    const [from, weight] = x.inputs as [Tensor, Tensor]
    const [base, gain] = is(weight, 'mul') ? weight.inputs : [weight]
    const matrix = is(base!, 'input') ? byWeight.get(base.attributes.name) : undefined
    if (matrix === undefined) return x
    const a = state(matrix.a.name, matrix.a.shape)
    const narrow = linear(from, gain === undefined ? a : mul(a, gain))
    return add(x, mul(linear(narrow, state(matrix.b.name, matrix.b.shape)), alpha / rank))
  })
}
