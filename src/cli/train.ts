/** `r1 train <recipe>`: trains a model by a recipe of the paper. */
import { Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { suggestion } from '../settings/nearest.ts'
import { addConfigFlags, addRunFlags, type ConfigFlags, type RunFlags } from './config-flags.ts'
import type { StageFlags } from './train-pipeline.ts'

type TrainFlags = ConfigFlags & RunFlags & StageFlags & { model?: string; engine?: string; size?: string }

/** Recipes of several stages. */
const PIPELINES = ['r1', 'distill', 'attempts'] as const

/** What a recipe's training looks like; loaded when it is asked for. */
const TRAIN: Record<string, (flags: TrainFlags) => Promise<void>> = {
  'r1-zero': async (flags) => (await import('./train-r1-zero.ts')).trainR1Zero(flags),
  ...Object.fromEntries(
    PIPELINES.map((recipe) => [
      recipe,
      async (flags: TrainFlags) => (await import('./train-pipeline.ts')).trainPipeline(recipe, flags),
    ]),
  ),
  sft: async (flags) => (await import('./train-sft.ts')).trainSft(flags),
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('Train a model by a recipe of the paper.')
    .argument('<recipe>', Object.keys(TRAIN).join(', '))
    .option('--model <model>', 'base model, short for --set model=<model>')
    .option('--engine <url>', 'train on a server of the Tinker API, short for --set engine.url=<url>')
    .addOption(
      new Option('--size <name>', 'pocket or another preset, the same as --preset').conflicts('preset'),
    )
    .addOption(
      new Option(
        '--only <stage>',
        'of r1, distill and attempts: run this stage again and no other',
      ).conflicts('from'),
    )
    .option('--from <stage>', 'of r1, distill and attempts: run this stage and all after it again')
    .addHelpText(
      'after',
      `
Examples:
  r1 train r1-zero
  r1 train r1-zero --seed 2 --run runs/two
  r1 train r1-zero --run runs/two --resume
  r1 train r1-zero --model ./SmolLM2-135M-Instruct.gguf --set template=model --set task=word-problems
  r1 train r1-zero --set grpo.learningRate=1e-4 --set rewards.languageConsistency=1
  r1 train r1-zero --set task=./my-task.ts --set grpo.steps=20
  r1 train r1-zero --engine http://127.0.0.1:8000 --set lora.rank=32
  r1 train r1 --size pocket --run runs/r1
  r1 train r1 --run runs/r1 --from dev2
  r1 train distill --set teacher=runs/r1/r1
  r1 train attempts
  r1 train sft --preset pocket --set data=examples.jsonl`,
    )
  return addRunFlags(addConfigFlags(command)).action(runTrain)
}

async function runTrain(recipe: string, { model, engine, size, ...given }: TrainFlags): Promise<void> {
  const names = Object.keys(TRAIN)
  if (!names.includes(recipe))
    throw new ConfigError(`there is no training by the name ${JSON.stringify(recipe)}.`, {
      expected: names.join(', '),
      ...suggestion(recipe, names),
    })
  const stage = (['only', 'from'] as const).find((flag) => given[flag] !== undefined)
  if (stage !== undefined && !PIPELINES.some((name) => name === recipe))
    throw new ConfigError(`${recipe} has no stages.`, {
      field: `--${stage}`,
      value: given[stage],
      expected: `a recipe that has: ${PIPELINES.join(', ')}`,
    })
  await TRAIN[recipe]!({
    ...given,
    set: [
      ...(model === undefined ? [] : [`model=${model}`]),
      ...(engine === undefined ? [] : [`engine.url=${engine}`]),
      ...given.set,
    ],
    ...(size !== undefined && { preset: size }),
  })
}
