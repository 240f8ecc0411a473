/** A decoder's shape in the metadata of a GGUF file, read and written. */
import type { GgufFile, GgufMetadata } from '../disk/gguf.ts'
import { missingTensor } from '../disk/tensor-store.ts'
import type { GgufValue } from '../disk/write-gguf.ts'
import { CheckpointError } from '../errors.ts'
import type { DecoderConfig, Gemma3Config, GroupedQueryConfig } from './config.ts'
import { decoderConfigFromHuggingFace } from './config-json.ts'
import { GGUF_ARCHITECTURES } from './gguf-names.ts'
import { ropeFrequencies } from './rope.ts'
import { unsupportedArchitecture } from './unsupported-architectures.ts'

/** Llama 3's frequency scaling is not in the metadata but a tensor of divisors. */
export const ROPE_FACTORS = 'rope_freqs.weight'

/** What llama.cpp knows of these architectures without being told. */
const SMOLLM3_INTERVAL = 4
const GEMMA3_PATTERN = 6
const GEMMA3_LOCAL_THETA = 10_000
/** Of Gemma 3 27B, whose scores are scaled by another size than its heads'. */
const GEMMA3_27B_LAYERS = 62

/** The shape of the model in a file. */
export async function readGgufConfig(file: GgufFile): Promise<GroupedQueryConfig> {
  const { path, metadata, tensors } = file
  const named = String(metadata['general.architecture'])
  const known = Object.entries(GGUF_ARCHITECTURES)
  const architecture = known.find(([, name]) => name === named)?.[0]
  if (architecture === undefined)
    throw unsupportedArchitecture(`${path}: general.architecture`, named, [
      ...new Set(known.map(([, name]) => name)),
    ])
  const number = (key: string, otherwise?: number) => numberAt(path, metadata, `${named}.${key}`, otherwise)
  const unsupported = (key: string, value: unknown, expected: string) =>
    new CheckpointError('not supported.', { field: `${path}: ${named}.${key}`, value, expected })
  const experts = number('expert_count', 0)
  if (experts > 0 && architecture !== 'qwen3_moe')
    throw unsupported('expert_count', experts, 'a model without experts')
  const scaling = metadata[`${named}.rope.scaling.type`] ?? 'none'
  if (scaling !== 'none' && scaling !== 'linear')
    throw unsupported('rope.scaling.type', scaling, 'none or linear')
  const embedding = tensors.get('token_embd.weight')
  if (embedding === undefined) throw missingTensor(path, 'token_embd.weight', tensors)
  const heads = number('attention.head_count')
  const hiddenSize = number('embedding_length')
  const numLayers = number('block_count')
  const headSize = number('attention.key_length', number('rope.dimension_count', hiddenSize / heads))
  const own: Partial<Record<DecoderConfig['architecture'], () => object>> = {
    qwen3_moe: () => ({
      num_experts: experts,
      num_experts_per_tok: number('expert_used_count'),
      moe_intermediate_size: number('expert_feed_forward_length'),
      norm_topk_prob: true,
      mlp_only_layers: Array.from({ length: numLayers }, (_, layer) => layer).filter(
        (layer) => !tensors.has(`blk.${layer}.ffn_gate_inp.weight`),
      ),
    }),
    smollm3: () => ({ no_rope_layer_interval: SMOLLM3_INTERVAL }),
    gemma3_text: () => ({
      sliding_window: number('attention.sliding_window'),
      sliding_window_pattern: GEMMA3_PATTERN,
      rope_local_base_freq: number('rope.freq_base_swa', GEMMA3_LOCAL_THETA),
      query_pre_attn_scalar: numLayers === GEMMA3_27B_LAYERS ? hiddenSize / heads : headSize,
    }),
  }
  const config = decoderConfigFromHuggingFace(
    {
      model_type: architecture,
      vocab_size: embedding.shape[0],
      hidden_size: hiddenSize,
      intermediate_size: number('feed_forward_length'),
      num_hidden_layers: numLayers,
      num_attention_heads: heads,
      num_key_value_heads: number('attention.head_count_kv', heads),
      head_dim: headSize,
      max_position_embeddings: number('context_length'),
      rms_norm_eps: number('attention.layer_norm_rms_epsilon'),
      rope_theta: number('rope.freq_base', 10_000),
      ...(scaling === 'none'
        ? {}
        : { rope_scaling: { rope_type: 'linear', factor: number('rope.scaling.factor') } }),
      tie_word_embeddings: !tensors.has('output.weight'),
      ...own[architecture as DecoderConfig['architecture']]?.(),
    },
    path,
  ) as GroupedQueryConfig
  return tensors.has(ROPE_FACTORS) ? withRopeFactors(file, config) : config
}

/** float32 settings as the decimals they were written as: 9.999999747378752e-06 is 1e-5. */
function numberAt(path: string, metadata: GgufMetadata, key: string, otherwise?: number): number {
  const value = metadata[key] ?? otherwise
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(7))
  throw new CheckpointError(value === undefined ? 'missing.' : 'not one number.', {
    field: `${path}: ${key}`,
    ...(value === undefined ? {} : { value }),
    remedy: 'The file is not a whole model that r1 knows.',
  })
}

/** The divisors of the frequencies under Llama 3's scaling, one a pair of rows. */
export function ropeFactors(config: GroupedQueryConfig): Float32Array {
  const scaled = ropeFrequencies(config)
  const { ropeScaling: _, ...plain } = config
  return Float32Array.from(ropeFrequencies(plain), (frequency, i) => frequency / scaled[i]!)
}

async function withRopeFactors(file: GgufFile, config: GroupedQueryConfig): Promise<GroupedQueryConfig> {
  const found = await file.read(ROPE_FACTORS, [config.headSize / 2])
  const scaled: GroupedQueryConfig = {
    ...config,
    ropeScaling: {
      type: 'llama3',
      factor: Number(found.reduce((a, b) => Math.max(a, b)).toPrecision(6)),
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalPositions: numberAt(
        file.path,
        file.metadata,
        'llama.rope.scaling.original_context_length',
        8192,
      ),
    },
  }
  const expected = ropeFactors(scaled)
  if (found.some((factor, i) => Math.abs(factor / expected[i]! - 1) > 1e-4))
    throw new CheckpointError('not supported.', {
      field: `${file.path}: ${ROPE_FACTORS}`,
      expected: "Llama 3's frequency scaling",
    })
  return scaled
}

/** The metadata of a shape. Throws where llama.cpp would take the model for another one. */
export function ggufMetadata(config: GroupedQueryConfig): Map<string, GgufValue> {
  const named = GGUF_ARCHITECTURES[config.architecture]!
  const { ropeScaling } = config
  const settings: Record<string, GgufValue> = {
    context_length: { uint32: contextLength(config) },
    embedding_length: { uint32: config.hiddenSize },
    block_count: { uint32: config.numLayers },
    feed_forward_length: { uint32: config.intermediateSize },
    'attention.head_count': { uint32: config.numHeads },
    'attention.head_count_kv': { uint32: config.numKeyValueHeads },
    'attention.key_length': { uint32: config.headSize },
    'attention.value_length': { uint32: config.headSize },
    'attention.layer_norm_rms_epsilon': { float32: config.rmsNormEpsilon },
    'rope.dimension_count': { uint32: config.headSize },
    'rope.freq_base': { float32: config.ropeTheta },
    ...(ropeScaling?.type === 'llama3'
      ? { 'rope.scaling.original_context_length': { uint32: ropeScaling.originalPositions } }
      : {}),
    ...(ropeScaling?.type === 'linear'
      ? { 'rope.scaling.type': 'linear', 'rope.scaling.factor': { float32: ropeScaling.factor } }
      : {}),
    vocab_size: { uint32: config.vocabularySize },
    ...ownSettings(config),
  }
  return new Map<string, GgufValue>([
    ['general.architecture', named],
    ...Object.entries(settings).map(([key, value]): [string, GgufValue] => [`${named}.${key}`, value]),
  ])
}

/** llama.cpp knows no window in this architecture: as far as it reaches, the two are the same. */
const contextLength = (config: GroupedQueryConfig): number =>
  config.architecture === 'mistral'
    ? Math.min(config.maxPositions, config.window ?? Number.POSITIVE_INFINITY)
    : config.maxPositions

function ownSettings(config: GroupedQueryConfig): Record<string, GgufValue> {
  const everyNth = (layers: readonly number[], interval: number) =>
    Array.from({ length: config.numLayers }, (_, layer) => layer).every(
      (layer) => layers.includes(layer) === ((layer + 1) % interval === 0),
    )
  switch (config.architecture) {
    case 'qwen3_moe':
      if (!config.experts.normalized || config.denseLayers.length > 0)
        throw noSuchModel('experts', 'experts in all layers, whose weights sum to 1')
      return {
        expert_count: { uint32: config.experts.routed },
        expert_used_count: { uint32: config.experts.perToken },
        expert_feed_forward_length: { uint32: config.experts.size },
      }
    case 'smollm3':
      if (!everyNth(config.layersWithoutRope, SMOLLM3_INTERVAL))
        throw noSuchModel('no_rope_layers', 'no rotation in every fourth layer')
      return {}
    case 'gemma3_text':
      return gemma3Settings(config, everyNth(config.globalLayers, GEMMA3_PATTERN))
    default:
      return {}
  }
}

function gemma3Settings(config: Gemma3Config, isKnownPattern: boolean): Record<string, GgufValue> {
  const { numLayers, hiddenSize, numHeads, headSize } = config
  if (!isKnownPattern) throw noSuchModel('layer_types', 'five local layers before each global one')
  if (config.localRopeTheta !== GEMMA3_LOCAL_THETA)
    throw noSuchModel('rope_local_base_freq', String(GEMMA3_LOCAL_THETA))
  const queryScale = numLayers === GEMMA3_27B_LAYERS ? hiddenSize / numHeads : headSize
  if (config.queryScale !== queryScale) throw noSuchModel('query_pre_attn_scalar', String(queryScale))
  return { 'attention.sliding_window': { uint32: config.window } }
}

const noSuchModel = (field: string, expected: string) =>
  new CheckpointError('llama.cpp has no such model.', {
    field: `config.json: ${field}`,
    expected,
    remedy: 'Export it as safetensors.',
  })
