/**
 * A low-rank adapter beside frozen weights: its parameters, the weights with it merged in, and its files in PEFT's
 * layout. Sampling and scoring use the merged weights, so they cost what the base costs.
 */
import { z } from 'zod'
import { encodeSafetensors } from '../../disk/encode-safetensors.ts'
import { CheckpointError } from '../../errors.ts'
import { add, cast, matmul, state } from '../../graph/operations.ts'
import { sizeOf } from '../../graph/tensor.ts'
import {
  type AdaptedMatrix,
  adaptedMatrices,
  checkSameLora,
  initializeAdapter,
  type Lora,
} from '../../model/lora.ts'
import type { ParameterSpec } from '../../model/parameters.ts'
import { randomStream } from '../../random.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { stored } from './checkpoint.ts'
import type { EngineFiles } from './engine-files.ts'
import type { Programs } from './programs.ts'
import { copyWeights, createWeights, shareWeights, type Weights } from './weights.ts'

export interface Adapter {
  settings: Lora
  matrices: readonly AdaptedMatrix[]
  /** A and B of every target. */
  weights: Weights
}

const CONFIG = 'adapter_config.json'
const WEIGHTS = 'adapter_model.safetensors'

export function createAdapter(
  runtime: Runtime,
  specs: readonly ParameterSpec[],
  settings: Lora,
  seed: number,
): Adapter {
  const matrices = adaptedMatrices(specs, settings)
  const weights = createWeights(
    runtime,
    matrices.flatMap(({ a, b }) => [a, b]),
  )
  for (const matrix of matrices) {
    const values = new Float32Array(sizeOf(matrix.a.shape))
    initializeAdapter(matrix, randomStream(seed, 'initialize', matrix.a.name), values)
    weights.states[matrix.a.name]!.write(values)
  }
  return { settings, matrices, weights }
}

export const copyAdapter = (runtime: Runtime, adapter: Adapter): Adapter => ({
  ...adapter,
  weights: copyWeights(runtime, adapter.weights),
})

export interface Merged {
  weights: Weights
  /** Brings the weights up to date with the adapter. */
  update(): Promise<void>
  /** Gives back what is not the base's. */
  release(): void
}

/** W + alpha/rank · B A for the targets, in memory of their own; everything else is shared with the base. */
export function mergedWeights(
  base: Weights,
  { settings, matrices, weights: adapter }: Adapter,
  programs: Programs,
): Merged {
  const weights = shareWeights(
    programs.runtime,
    base,
    matrices.map(({ weight }) => weight),
  )
  const scale = settings.alpha / settings.rank
  return {
    weights,
    async update() {
      for (const { weight, a, b } of matrices) {
        const { dtype } = base.states[weight.name]!
        const key = `merge ${weight.shape} ${dtype} ${settings.rank} ${scale}`
        const program = await programs.get(key, {}, () => ({
          assign: {
            merged: add(
              cast(state('weight', weight.shape, dtype), 'float32'),
              matmul(state('b', b.shape), state('a', a.shape), { scale }),
            ),
          },
        }))
        const states = {
          weight: base.states[weight.name]!,
          a: adapter.states[a.name]!,
          b: adapter.states[b.name]!,
          merged: weights.states[weight.name]!,
        }
        await program.run({ states })
      }
    },
    release() {
      for (const { weight } of matrices) weights.states[weight.name]!.release()
    },
  }
}

/** Before the first update B is zero, and the merged weights are the base's. */
export async function isBase({ matrices, weights }: Adapter): Promise<boolean> {
  for (const { b } of matrices)
    if ((await weights.states[b.name]!.read()).some((value) => value !== 0)) return false
  return true
}

/** `base` is the path or name that PEFT loads the base model from. */
export async function writeAdapter(
  files: EngineFiles,
  folder: string,
  { settings, weights }: Adapter,
  base: string,
): Promise<void> {
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    r: settings.rank,
    lora_alpha: settings.alpha,
    target_modules: targetModules(weights.specs),
    lora_dropout: 0,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
  }
  await files.write(folder, [
    { name: CONFIG, contents: `${JSON.stringify(config, null, 2)}\n` },
    { name: WEIGHTS, contents: encodeSafetensors(stored(weights)) },
  ])
}

/** `….q_proj.lora_A.weight` is of the module q_proj. */
const targetModules = (specs: readonly ParameterSpec[]): string[] => [
  ...new Set(specs.map(({ name }) => name.split('.').at(-3)!)),
]

const adapterConfig = z.looseObject({
  peft_type: z.literal('LORA'),
  base_model_name_or_path: z.string(),
  r: z.int().min(1),
  lora_alpha: z.number().positive(),
  target_modules: z.union([z.array(z.string()).min(1), z.string()]),
  bias: z.literal('none').default('none'),
  use_rslora: z.literal(false).default(false),
  use_dora: z.literal(false).default(false),
  fan_in_fan_out: z.literal(false).default(false),
  rank_pattern: z.strictObject({}).default({}),
  alpha_pattern: z.strictObject({}).default({}),
  modules_to_save: z.null().optional(),
})

export interface AdapterConfig {
  lora: Lora
  base: string
}

/** Settings and base of an adapter's folder; undefined where the folder holds none. */
export async function adapterConfigIn(
  files: EngineFiles,
  folder: string,
): Promise<AdapterConfig | undefined> {
  const file = `${folder}/${CONFIG}`
  const json = await files.readJson(file)
  if (json === undefined) return undefined
  const { data, error } = adapterConfig.safeParse(json)
  if (error !== undefined) {
    const [{ path, message }] = error.issues as [(typeof error.issues)[0]]
    throw new CheckpointError(`cannot be loaded: ${path.join('.')}: ${message}.`, {
      field: file,
      expected: 'a plain LoRA adapter without biases, further modules or ranks of their own',
    })
  }
  const targets = typeof data.target_modules === 'string' ? [data.target_modules] : data.target_modules
  return {
    lora: { rank: data.r, alpha: data.lora_alpha, targets },
    base: data.base_model_name_or_path,
  }
}

/**
 * Fills the adapter's parameters; a missing or misshapen tensor is an error naming it, and so are settings that differ from the
 * folder's. `specs` are the model's.
 */
export async function readAdapter(
  files: EngineFiles,
  folder: string,
  { settings, weights }: Adapter,
  specs: readonly ParameterSpec[],
): Promise<void> {
  const saved = await adapterConfigIn(files, folder)
  if (saved !== undefined) checkSameLora(specs, settings, saved.lora, folder)
  const file = await files.openTensors(`${folder}/${WEIGHTS}`)
  try {
    for (const { name, shape } of weights.specs)
      await weights.states[name]!.fill(async (values) => void (await file.read(name, shape, values)))
  } finally {
    await file.close()
  }
}
