/** `r1 rescore <run> --reward ./my.ts`: what another reward would have said of the responses that a run kept. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import { formatNumber } from '../measures/format.ts'
import { r1ZeroConfig } from '../recipes/r1-zero.ts'
import { type Distribution, type Rescored, rescore } from '../report/rescore.ts'
import { ownRewards } from '../rewards/own-reward.ts'
import { METRICS, readRunInfo, rolloutsPath } from '../run/folder.ts'
import { readMetrics } from '../run/metrics.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { visible } from '../text/visible.ts'
import { collect, wholeNumber } from './config-flags.ts'
import { trainingDataOf } from './open-r1-zero.ts'
import { printJson, printLine, printTable } from './output.ts'

interface RescoreFlags {
  reward: string[]
  step?: number
  alone?: boolean
  json?: boolean
}

export function rescoreCommand(): Command {
  return new Command('rescore')
    .description(
      "Score a run's stored responses by another reward: distributions, groups that gain or lose a signal, and the responses whose advantage changes most. Nothing is trained.",
    )
    .argument('<run>', "the run's folder")
    .requiredOption(
      '--reward <file>',
      "TypeScript file that exports `reward`; it joins the run's own, in place of one of its name; may be given several times",
      collect,
    )
    .option('--step <n>', "the rollout of this step (the run's last)", wholeNumber)
    .option('--alone', "without the run's own rewards")
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 rescore runs/two --reward ./short.ts\n  r1 rescore runs/two --reward ./short.ts --step 10 --alone --json',
    )
    .action(rescoreRun)
}

async function rescoreRun(folder: string, { reward, step: asked, alone, json }: RescoreFlags): Promise<void> {
  const { config } = readRunInfo(folder)
  const rewards = await ownRewards(reward.join(','))
  const step = rolloutStep(folder, asked)
  const kept = alone ? {} : await weightsOf(folder, step)
  const result = await rescore({
    path: rolloutsPath(folder, step),
    step,
    rewards,
    kept,
    advantageScale: (config.grpo as { advantageScale?: 'group' } | undefined)?.advantageScale ?? 'group',
    questionOf: await questionsOf(folder, step),
  })
  if (json) return printJson(result)
  print(result)
}

/** The file that holds a step's responses; a rollout of several updates has the name of its last. */
function rolloutStep(folder: string, asked: number | undefined): number {
  let names: string[] = []
  try {
    names = readdirSync(join(folder, 'rollouts'))
  } catch {}
  const steps = names
    .flatMap((name) => /^(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
  const step = asked === undefined ? steps.at(-1) : steps.find((last) => last >= asked)
  if (step !== undefined) return step
  throw new ConfigError('no responses are kept.', {
    field: asked === undefined ? folder : '--step',
    ...(asked !== undefined && { value: asked }),
    expected: steps.length === 0 ? 'a run that has done a step' : `${steps[0]} to ${steps.at(-1)}`,
  })
}

async function weightsOf(folder: string, step: number): Promise<Record<string, number>> {
  for await (const line of readMetrics(join(folder, METRICS), { from: step, to: step })) {
    const weights = Object.entries(line).filter(([key]) => key.startsWith('weight:'))
    if (weights.length > 0)
      return Object.fromEntries(weights.map(([key, value]) => [key.slice('weight:'.length), Number(value)]))
  }
  throw new ConfigError('the weights of its rewards are not known.', {
    field: folder,
    remedy: 'Score by the new rewards alone, with --alone.',
  })
}

/** Those of `r1 train r1-zero`, whose settings say where its questions come from; the lines serve for other runs. */
async function questionsOf(folder: string, step: number): Promise<(id: string) => AskedQuestion | undefined> {
  const { recipe, config } = readRunInfo(folder)
  if (recipe !== 'r1-zero') return () => undefined
  const settings = r1ZeroConfig.parse(config)
  const { questionsPerStep, minibatches, innerEpochs, ...more } = settings[settings.algorithm]
  const rounds = 'dynamicSampling' in more ? 1 + more.dynamicSampling : 1
  const stride = questionsPerStep * minibatches * rounds
  const rollout = Math.ceil(step / (minibatches * innerEpochs)) - 1
  const { question } = await trainingDataOf(settings)
  const asked = Array.from({ length: stride }, (_, i) => question(rollout * stride + i))
  const byId = new Map(asked.map((one) => [one.question.id, one]))
  return (id) => byId.get(id)
}

function print({ step, responses, groups, reward, parts, signal, agreement, changed }: Rescored): void {
  printLine(`Step ${step}: ${responses} responses to ${groups} questions\n`)
  const cells = (name: string, side: string, values: Distribution | undefined) =>
    values === undefined
      ? []
      : [
          [
            name,
            side,
            ...[values.mean, values.deviation, values.min, values.max].map((x) => formatNumber(x)),
            String(values.n),
          ],
        ]
  printTable(
    [
      { name: 'reward' },
      { name: '' },
      ...['mean', 'deviation', 'min', 'max', 'responses'].map((name) => ({ name, align: 'right' as const })),
    ],
    [
      ...cells('whole', 'before', reward.before),
      ...cells('', 'after', reward.after),
      ...Object.entries(parts).flatMap(([name, { before, after }]) => [
        ...cells(name, 'before', before),
        ...cells(before === undefined ? name : '', 'after', after),
      ]),
    ],
  )
  printLine(`
Groups with a signal: ${signal.before} before, ${signal.after} after; ${listed('gained by', signal.gained)}, ${listed('lost by', signal.lost)}
Advantages agree to ${formatNumber(agreement)} (correlation; 1 trains the same)`)
  printLine(changed.length === 0 ? '\nNo advantage changes.' : '\nAdvantages that change most')
  for (const { group, sample, reward: r, advantage: a, text } of changed)
    printLine(
      `  group ${group}, response ${sample}: advantage ${a.before.toFixed(2)} → ${a.after.toFixed(2)}, reward ${formatNumber(r.before)} → ${formatNumber(r.after)}\n    ${excerpt(text)}`,
    )
}

const listed = (verb: string, groups: readonly number[]) =>
  groups.length === 0 ? `${verb} none` : `${verb} group${groups.length === 1 ? '' : 's'} ${groups.join(', ')}`

function excerpt(text: string): string {
  const line = visible(text.trim().replaceAll(/\s+/g, ' '))
  return line.length > 100 ? `${line.slice(0, 48)} … ${line.slice(-48)}` : line
}
