/**
 * What servers of the Tinker API can do. They speak the same wire and differ in what the words mean: how losses are
 * averaged, which of AdamW's settings count, whether a published copy of the weights stays as it was. Our own server
 * says it itself; of the others it is written down here, as read in their sources.
 */
import { ConfigError } from '../../errors.ts'
import type { AdamW } from '../../objectives/adamw.ts'
import { type TinkerClient, TinkerError } from './client.ts'
import { anything, serverCapabilities } from './wire.ts'

export interface Capabilities {
  /** For people. */
  server: string
  /**
   * What a gradient sums. `sum`: every token of every sequence since the last update. `sequence-mean`: of each sequence
   * its mean over the positions, and of these the mean over the sequences since the last update.
   */
  reduction: 'sum' | 'sequence-mean'
  fullParameters: boolean
  /** The alpha of every adapter: the wire has the rank alone. Adapters are on all linear matrices. */
  loraAlpha: number
  /** Named losses that mean what they mean here; what is not named goes as importance sampling at ratio 1. */
  losses: readonly string[]
  /** AdamW's settings that the server decides: a run must have the same. */
  fixedAdamW: Readonly<Partial<AdamW>>
  /** Copies of the weights stay as they were published, and may be used while training continues. */
  frozenSnapshots: boolean
  /** The log-probabilities of a prompt can be asked for. */
  promptLogprobs: boolean
  /** How many different seeds sampling takes, from 0. */
  seeds: number
  /** Training requests are known by their numbers, so that sending one again is safe. */
  deduplicates: boolean
  /** Passes and samples go as Protocol Buffers and not as JSON. */
  protobuf: boolean
  /** `tar` archives of published weights can be fetched. */
  archives: boolean
}

const HOSTED: Capabilities = {
  server: 'hosted',
  reduction: 'sum',
  fullParameters: false,
  loraAlpha: 32,
  losses: ['cross_entropy', 'importance_sampling', 'ppo', 'cispo'],
  fixedAdamW: {},
  frozenSnapshots: true,
  promptLogprobs: true,
  seeds: 2 ** 53,
  deduplicates: true,
  protobuf: true,
  archives: true,
}

/** SkyRL has seeds in 32 bits with a sign, and draws sample k with seed + k. */
const SKYRL_SEEDS = 2 ** 31 - 2 ** 16

const SERVERS = {
  r1: { ...HOSTED, server: 'r1 serve-engine', fullParameters: true, protobuf: false },
  'skyrl-jax': {
    ...HOSTED,
    server: 'SkyRL (jax)',
    reduction: 'sequence-mean',
    fixedAdamW: { gradientClipNorm: 0 },
    // It reads what is sampled into the adapter in training: an older copy would undo the updates since.
    frozenSnapshots: false,
    seeds: SKYRL_SEEDS,
  },
  'skyrl-fsdp': {
    ...HOSTED,
    server: 'SkyRL (fsdp or megatron)',
    fullParameters: true,
    losses: ['cross_entropy', 'importance_sampling', 'ppo'],
    // Defaults of trainer.policy.optimizer_config, which its --backend-config may change.
    fixedAdamW: { beta1: 0.9, beta2: 0.999, weightDecay: 0.01, gradientClipNorm: 1 },
    frozenSnapshots: false,
    seeds: SKYRL_SEEDS,
  },
  'verl-tinker': {
    ...HOSTED,
    server: 'verl-tinker',
    fullParameters: true,
    // Its importance sampling and PPO cap the ratio in ways of their own; at ratio 1 they agree.
    losses: ['cross_entropy'],
    frozenSnapshots: false,
    deduplicates: false,
    protobuf: false,
    archives: false,
  },
  hosted: HOSTED,
} as const satisfies Record<string, Capabilities>

export type ServerName = keyof typeof SERVERS
export const SERVER_NAMES = Object.keys(SERVERS) as ServerName[]

export interface ProbedServer {
  capabilities: Capabilities
  /** The names it serves. */
  models: string[]
}

/** `auto` asks the server; one that cannot be told is an error that says to name it. */
export async function probe(client: TinkerClient, name: ServerName | 'auto'): Promise<ProbedServer> {
  const { supported_models, capabilities: own } = await client.request(
    'get_server_capabilities',
    undefined,
    serverCapabilities,
  )
  const models = supported_models.flatMap(({ model_name }) => (model_name ? [model_name] : []))
  if (name !== 'auto') return { capabilities: SERVERS[name], models }
  if (own !== undefined) return { capabilities: SERVERS.r1, models }
  if (await isSkyRL(client)) return { capabilities: SERVERS['skyrl-jax'], models }
  throw new ConfigError('this server does not say what it is.', {
    field: 'engine.server',
    expected: SERVER_NAMES.join(', '),
    remedy: 'Name it, since losses and optimisers mean different things on different servers.',
  })
}

/** Only SkyRL reads no body here and answers with this one flag; no other request tells it apart. */
async function isSkyRL(client: TinkerClient): Promise<boolean> {
  try {
    const config = await client.request('client/config', { sdk_version: '0.25.0' }, anything)
    return JSON.stringify(config) === '{"pjwt_auth_enabled":false}'
  } catch (error) {
    if (error instanceof TinkerError && error.status !== undefined) return false
    throw error
  }
}

/** What a run wants of a server. */
export interface Needs {
  /** The settings' section, e.g. `grpo`. */
  section: string
  /** 0 trains all parameters. */
  lora: { rank: number; alpha: number; targets: readonly string[] }
  adamw: Omit<AdamW, 'learningRate'>
  entropyWeight?: number
  klWeight?: number
  staleness?: number
  deadline?: number | null
}

/** Throws for the first need that the server does not meet, with the setting to change. */
export function checkNeeds(capabilities: Capabilities, needs: Needs): void {
  const { section, lora, adamw, entropyWeight = 0, klWeight = 0, staleness = 0, deadline = null } = needs
  const { server, fullParameters, loraAlpha, fixedAdamW, frozenSnapshots, promptLogprobs } = capabilities
  const refuse = (field: string, value: unknown, message: string, remedy: string): never => {
    throw new ConfigError(`${server} ${message}.`, { field, value, remedy })
  }
  if (lora.rank === 0 && !fullParameters)
    refuse('lora.rank', 0, 'trains low-rank adapters only', 'Use --set lora.rank=8, or another rank.')
  if (lora.rank > 0) {
    if (lora.alpha !== loraAlpha)
      refuse('lora.alpha', lora.alpha, `has alpha ${loraAlpha}`, `Use --set lora.alpha=${loraAlpha}.`)
    if (lora.targets.join() !== 'all-linear')
      refuse('lora.targets', lora.targets, 'adapts all linear matrices', 'Leave it at all-linear.')
  }
  for (const [name, fixed] of Object.entries(fixedAdamW) as [keyof Needs['adamw'], number][])
    if (adamw[name] !== fixed)
      refuse(
        `${section}.${name}`,
        adamw[name],
        name === 'gradientClipNorm' && fixed === 0 ? 'clips no gradients' : `has this at ${fixed}`,
        `Use --set ${section}.${name}=${fixed}.`,
      )
  if (entropyWeight !== 0)
    refuse(
      `${section}.entropyWeight`,
      entropyWeight,
      'gets weights of log-probabilities, and an entropy is none',
      'Use 0.',
    )
  for (const [name, value, off] of [
    ['staleness', staleness, 0],
    ['deadline', deadline, null],
  ] as const)
    if (value !== off && !frozenSnapshots)
      refuse(
        `${section}.${name}`,
        value,
        'cannot sample former weights while it trains',
        `Use --set ${section}.${name}=${off}.`,
      )
  if (klWeight > 0 && !(frozenSnapshots && promptLogprobs))
    refuse(
      `${section}.klWeight`,
      klWeight,
      'keeps no frozen copy of the weights as reference policy',
      `Use --set ${section}.klWeight=0.`,
    )
}

/** One line for each capability that runs may notice. */
export function describe({ capabilities: c, models }: ProbedServer): string {
  const fixed = Object.entries(c.fixedAdamW).map(([name, value]) => `${name} ${value}`)
  return [
    `${c.server}, serving ${models.join(', ') || 'models that it does not list'}`,
    `trains ${c.fullParameters ? 'all parameters or adapters' : 'adapters'} (alpha ${c.loraAlpha})`,
    `gradients are ${c.reduction === 'sum' ? 'sums over tokens' : "means over sequences of each one's mean"}`,
    `AdamW ${fixed.length === 0 ? 'as the run sets it' : `with ${fixed.join(', ')} of the server's own`}`,
    `losses by name: ${c.reduction === 'sum' ? c.losses.join(', ') : 'none, since means mean something else'}`,
    c.frozenSnapshots ? 'keeps frozen copies' : 'keeps no frozen copies',
    ...(c.deduplicates ? [] : ['does not know repeated requests: a lost answer ends the run']),
  ].join('\n  ')
}
