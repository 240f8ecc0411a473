/** `r1 plan <config>`: what a run would need and cost on a cluster, by arithmetic; nothing runs. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { Command, Option } from 'commander'
import { readModelConfig } from '../engine/embedded/model-folder.ts'
import { ConfigError } from '../errors.ts'
import { modelFolder } from '../loading/local-model.ts'
import { formatDuration, formatNumber } from '../measures/format.ts'
import type { DecoderConfig } from '../model/config.ts'
import { PUBLISHED_SHAPES } from '../model/published-shapes.ts'
import { ACCELERATORS, ASSUMPTIONS, SINGLE_ASSUMPTIONS } from '../plan/accelerators.ts'
import { type Plan, planR1Zero } from '../plan/plan.ts'
import { planSingleDevices } from '../plan/single-device.ts'
import { presets, type R1ZeroConfig, r1ZeroConfig } from '../recipes/r1-zero.ts'
import { suggestion } from '../settings/nearest.ts'
import { collect, numberFrom, positiveNumber, resolveFlags } from './config-flags.ts'
import { printJson, printLine, printTable } from './output.ts'

interface PlanFlags {
  set: string[]
  gpu: string
  gpus?: number
  price?: number
  meanTokens?: number
  promptTokens?: number
  single?: boolean
  json?: boolean
}

/** Presets of models that want a cluster. */
const OFFERED = Object.entries(presets).flatMap(([name, preset]) => ('model' in preset ? [name] : []))

export function planCommand(): Command {
  return new Command('plan')
    .description(
      `Estimate what R1-Zero would need on a cluster, or with --single on one GPU or Apple chip: memory, tokens, time and cost, from
a stated model of the hardware. Nothing runs, and no model is needed.`,
    )
    .argument('<config>', `a file of settings, or ${OFFERED.join(', ')}`)
    .option('--set <key=value>', 'one setting; may be given several times', collect, [])
    .addOption(new Option('--gpu <name>', 'accelerator').choices(Object.keys(ACCELERATORS)).default('h800'))
    .option('--gpus <n>', 'how many (the fewest that hold the run)', positiveNumber)
    .option('--price <usd>', "an accelerator-hour (H800: the paper's 2)", numberFrom(0, 1e6))
    .option('--mean-tokens <n>', 'mean response over the run (a sixth of the limit)', positiveNumber)
    .option('--prompt-tokens <n>', `tokens of a prompt (${ASSUMPTIONS.promptTokens.value})`, positiveNumber)
    .option('--single', 'one GPU or Apple chip, through the engine in this package, in place of a cluster')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  r1 plan qwen2.5-7b --gpu h100 --gpus 64 --price 2.5
  r1 plan deepseek-v3 --gpus 512
  r1 plan qwen2.5-0.5b-instruct-gsm8k --single
  r1 plan run.json --set grpo.groupSize=8 --mean-tokens 2000 --json`,
    )
    .action(runPlan)
}

async function runPlan(name: string, flags: PlanFlags): Promise<void> {
  if (!existsSync(name) && !OFFERED.includes(name))
    throw new ConfigError(
      Object.hasOwn(presets, name)
        ? `its model trains on this machine: r1 train r1-zero --preset ${name}.`
        : 'there is neither a file nor a preset of that name.',
      {
        field: 'config',
        value: name,
        expected: `a file of settings, ${OFFERED.join(', ')}`,
        ...suggestion(name, OFFERED),
      },
    )
  const { config } = resolveFlags(
    { schema: r1ZeroConfig, presets },
    existsSync(name) ? { config: name, preset: 'paper', set: flags.set } : { preset: name, set: flags.set },
  )
  if (flags.single) {
    printSingle(config, await shapeOf(config.model), flags)
    return
  }
  const { gpu, gpus, price, meanTokens, promptTokens } = flags
  const accelerator = ACCELERATORS[gpu]!
  const plan = planR1Zero(
    config,
    await shapeOf(config.model),
    {
      accelerator,
      ...(gpus !== undefined && { count: gpus }),
      ...(price !== undefined && { price }),
    },
    {
      ...(meanTokens !== undefined && { meanTokens }),
      ...(promptTokens !== undefined && { promptTokens }),
    },
  )
  if (flags.json) return printJson({ model: config.model, gpu, ...plan, assumptions: ASSUMPTIONS })
  printPlan(config.model, accelerator.title, plan)
}

function printSingle(config: R1ZeroConfig, shape: DecoderConfig, { json }: PlanFlags): void {
  const plans = planSingleDevices(config, shape)
  if (json) {
    printJson({ model: config.model, devices: plans, assumptions: SINGLE_ASSUMPTIONS })
    return
  }
  printTable(
    [
      { name: config.model },
      { name: 'needs', align: 'right' },
      { name: 'fits', align: 'right' },
      { name: 'hours', align: 'right' },
      { name: 'with' },
    ],
    plans.map(({ device, needed, fits, hours, changes }) => [
      device.title,
      gigabytes(needed),
      fits ? 'yes' : 'no',
      fits ? formatNumber(hours, 3) : '–',
      changes.join(', '),
    ]),
  )
  printLine()
  printTable(
    [{ name: 'assumed', align: 'right' }, { name: '' }, { name: 'from' }],
    Object.values(SINGLE_ASSUMPTIONS).map(({ value, what, source }) => [formatNumber(value), what, source]),
  )
}

async function shapeOf(model: string): Promise<DecoderConfig> {
  const published = PUBLISHED_SHAPES[basename(model)]
  if (published !== undefined && !existsSync(model)) return published
  try {
    return await readModelConfig(await modelFolder(model))
  } catch (cause) {
    throw new ConfigError('the shape of this model is not known.', {
      field: 'model',
      value: model,
      expected: `a model on this machine or ${Object.keys(PUBLISHED_SHAPES).join(', ')}`,
      cause,
    })
  }
}

function printPlan(model: string, gpu: string, plan: Plan): void {
  const { memory, seconds } = plan
  const share = (part: number) =>
    `${formatDuration(part)} (${Math.round((100 * part) / Object.values(seconds).reduce((a, b) => a + b, 0))} %)`
  printTable(
    [{ name: 'what' }, { name: 'estimate' }],
    [
      ['model', `${model}: ${big(plan.parameters)} parameters, ${big(plan.activeParameters)} for each token`],
      ['trained', `${big(plan.trainedParameters)} parameters`],
      [
        'steps',
        `${formatNumber(plan.steps)} updates, ${formatNumber(plan.rollouts, 4)} rollouts of ${formatNumber(plan.responsesPerRollout)} responses`,
      ],
      ['tokens', `${big(plan.sampledTokens)} sampled, ${big(plan.trainedTokens)} trained on`],
      ['accelerators', `${plan.accelerators} ${gpu}, samplers of ${plan.samplerSize}`],
      ['memory, training', `${gigabytes(memory.training)} of ${memory.available} GB each`],
      ['memory, sampling', `${gigabytes(memory.sampling)} of weights each, the rest is for the cache`],
      ['a rollout', formatDuration(Object.values(seconds).reduce((a, b) => a + b, 0))],
      ['  sampling', share(seconds.sampling)],
      ['  scoring', share(seconds.scoring)],
      ['  training', share(seconds.training)],
      ['  moving weights', share(seconds.moving)],
      ['time', `${formatNumber(plan.hours, 3)} hours`],
      ['accelerator-hours', formatNumber(plan.acceleratorHours, 4)],
      [
        'cost',
        plan.cost === undefined ? 'give --price' : `$${Math.round(plan.cost).toLocaleString('en-US')}`,
      ],
    ],
  )
  printLine()
  printTable(
    [{ name: 'assumed', align: 'right' }, { name: '' }, { name: 'from' }],
    Object.values(ASSUMPTIONS).map(({ value, what, source }) => [formatNumber(value), what, source]),
  )
}

const gigabytes = (value: number) => `${formatNumber(value, 3)} GB`

function big(value: number): string {
  const [unit, name] = (
    [
      [1e12, 'T'],
      [1e9, 'B'],
      [1e6, 'M'],
    ] as const
  ).find(([size]) => value >= size) ?? [1, '']
  return `${formatNumber(value / unit, 3)}${name}`
}
