/**
 * What an R1-Zero run takes on one GPU or one Apple chip through the embedded engine: memory from the plans of its own graphs,
 * as `graph/wgsl` lays them out, and time from data sheets. Nothing runs.
 */
import { adapters, type LoraConfig } from '../algorithms/lora-config.ts'
import { decodeGraph } from '../engine/embedded/decode-graph.ts'
import { positionBytes } from '../engine/embedded/kv-cache.ts'
import { mostSlotsOf, slotLimit } from '../engine/embedded/lanes.ts'
import { LOGIT_BYTES, logitPartsOf, trainGraph } from '../engine/embedded/train-step.ts'
import { numWeights } from '../engine/embedded/weights.ts'
import { DESKTOP_LIMITS } from '../graph/wgsl/memory.ts'
import { type Plan, planGraph } from '../graph/wgsl/plan.ts'
import type { DecoderConfig } from '../model/config.ts'
import { adaptedMatrices, type Lora } from '../model/lora.ts'
import { type ParameterSpec, parameterSpecs } from '../model/parameters.ts'
import { ropeShape } from '../model/rope.ts'
import { policyGradient } from '../objectives/policy-gradient.ts'
import type { R1ZeroConfig } from '../recipes/r1-zero.ts'
import type { Graph } from '../runtime/runtime.ts'
import { SINGLE_ASSUMPTIONS, SINGLE_DEVICES, type SingleDevice } from './accelerators.ts'
import { modelCosts } from './model-costs.ts'

export interface SinglePlan {
  device: SingleDevice
  /** GB that the run takes, and of what. */
  needed: number
  parts: MemoryParts
  fits: boolean
  /** Settings that differ from those asked for, so that it fits; of the last resort where nothing does. */
  changes: string[]
  hours: number
}

/** GB each. */
interface MemoryParts {
  weights: number
  /** Gradient and two moments of what is trained. */
  optimizer: number
  /** The reference policy, and the weights with adapters merged in. */
  copies: number
  cache: number
  /** What one training step computes besides. */
  activations: number
}

type Asked = Pick<R1ZeroConfig, 'grpo' | 'lora' | 'recompute' | 'microBatchTokens'>

const GB = 1e9
const TERA = 1e12
const ADAPTER_RANK = 16

export function planSingleDevices(asked: Asked, shape: DecoderConfig): SinglePlan[] {
  const variants = variantsOf(asked).map((variant) => ({ ...variant, ...figuresOf(variant.settings, shape) }))
  return SINGLE_DEVICES.map((device) => {
    const room = SINGLE_ASSUMPTIONS.memoryShare.value * device.memory
    const chosen = variants.find(({ needed }) => needed <= room) ?? variants.at(-1)!
    const { needed, parts, changes } = chosen
    return { device, needed, parts, changes, fits: needed <= room, hours: hoursOn(device, chosen) }
  })
}

/** From what was asked for to what takes the least memory. */
function variantsOf(asked: Asked): { settings: Asked; changes: string[] }[] {
  const steps: [change: string, settings: Partial<Asked>][] = [
    ['recompute=true', { recompute: true }],
    ['microBatchTokens=64 (one row)', { microBatchTokens: 64 }],
    [`lora.rank=${ADAPTER_RANK}`, { lora: { ...asked.lora, rank: ADAPTER_RANK } as LoraConfig }],
  ]
  const variants = [{ settings: asked, changes: [] as string[] }]
  for (const [change, settings] of steps) {
    const last = variants.at(-1)!
    if (adapters(asked.lora) !== undefined && settings.lora !== undefined) continue
    variants.push({ settings: { ...last.settings, ...settings }, changes: [...last.changes, change] })
  }
  return variants
}

interface Figures {
  settings: Asked
  needed: number
  parts: MemoryParts
  shape: DecoderConfig
  slots: number
  dispatches: number
}

function figuresOf(settings: Asked, shape: DecoderConfig): Figures {
  const { grpo } = settings
  const lora = adapters(settings.lora)
  const specs = parameterSpecs(shape)
  const longest = SINGLE_ASSUMPTIONS.promptTokens.value + grpo.maxTokens
  const length = Math.min(Math.ceil(longest / 64) * 64, shape.maxPositions)
  const rows = Math.max(1, Math.floor(settings.microBatchTokens / length))
  const matrices = lora === undefined ? [] : adaptedMatrices(specs, lora)
  const options = {
    recompute: settings.recompute,
    logitParts: logitPartsOf(shape, rows, length, LOGIT_BYTES),
    fused: true,
    ...(lora === undefined ? {} : { lora: { settings: lora as Lora, matrices } }),
  }
  const objective = policyGradient({ klWeight: grpo.klWeight })
  const slots = slotsOf(settings, shape, longest)
  const training = planOf(trainGraph(shape, specs, rows, length, objective, options))
  const decoding = planOf(decodeGraph(shape, specs, slots, length, 0, true))
  const weights = bytesOf(specs)
  const trained = lora === undefined ? weights : bytesOf(matrices.flatMap(({ a, b }) => [a, b]))
  const [tableRows, tableSize] = ropeShape(shape)
  const parts = {
    weights: (weights + 8 * tableRows * tableSize) / GB,
    optimizer: (3 * trained) / GB,
    copies:
      (lora === undefined
        ? grpo.klWeight > 0
          ? weights
          : 0
        : trained + bytesOf(matrices.map(({ weight }) => weight))) / GB,
    cache: (slots * longest * positionBytes(shape)) / GB,
    activations: Math.max(arenaBytes(training), arenaBytes(decoding)) / GB,
  }
  const needed = Object.values(parts).reduce((sum, part) => sum + part, 0)
  return { settings, needed, parts, shape, slots, dispatches: decoding.dispatches.length }
}

/** Sequences that decode together, by the sampler's own limits. */
function slotsOf({ grpo }: Asked, shape: DecoderConfig, longest: number): number {
  const responses = grpo.questionsPerStep * grpo.minibatches * grpo.groupSize
  return mostSlotsOf(Math.min(responses, slotLimit(shape, longest, LOGIT_BYTES)))
}

const planOf = ({ outputs = {}, assign = {} }: Graph): Plan =>
  planGraph({ outputs, assign, limits: DESKTOP_LIMITS, cooperative: true })
const arenaBytes = ({ buffers }: Plan): number =>
  Object.values(buffers)
    .flat()
    .reduce((sum, bytes) => sum + bytes, 0)
const bytesOf = (specs: readonly ParameterSpec[]): number => 4 * numWeights({ specs })

function hoursOn(
  { bandwidth, compute }: SingleDevice,
  { settings, shape, slots, dispatches }: Figures,
): number {
  const { grpo } = settings
  const { bandwidthShare, lengthShare, promptTokens, computeShare, dispatchMicroseconds } = SINGLE_ASSUMPTIONS
  const costs = modelCosts(shape)
  const meanTokens = grpo.maxTokens * lengthShare.value
  const responses = grpo.questionsPerStep * grpo.minibatches * grpo.groupSize
  const rollouts = grpo.steps / (grpo.minibatches * grpo.innerEpochs)
  const speed = compute * TERA * computeShare.value
  const flops = 2 * costs.activeParameters + costs.attentionFlops * (promptTokens.value + meanTokens)
  const read =
    (4 * costs.parameters + slots * meanTokens * 2 * costs.cacheBytes) /
    (bandwidth * TERA * bandwidthShare.value)
  const step = Math.max(read, (slots * flops) / speed) + (dispatches * dispatchMicroseconds.value) / 1e6
  const sampling = ((responses * meanTokens) / slots) * step
  const passes = 3 * grpo.innerEpochs + (grpo.klWeight > 0 ? 1 : 0) + (grpo.importanceCap === null ? 0 : 1)
  const training = (passes * responses * (meanTokens + promptTokens.value) * flops) / speed
  return (rollouts * (sampling + training)) / 3600
}
