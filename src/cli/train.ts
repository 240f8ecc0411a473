/** `r1 train <recipe>`: trains a model by a recipe of the paper. Each recipe has a help of its own, with its most used settings. */
import { Command, Option } from 'commander'
import { terminalTable } from '../report/tables.ts'
import { clipText } from '../report/wrap.ts'
import { settings } from '../settings/config.ts'
import {
  addConfigFlags,
  addRunFlags,
  type ConfigFlags,
  type Configurable,
  type RunFlags,
  resolveFlags,
} from './config-flags.ts'
import { addPageFlags, type PageFlags } from './live-page.ts'
import { shownValue } from './output.ts'
import { loadRecipe, RECIPES } from './recipes.ts'
import { terminalWidth } from './terminal.ts'
import type { StageFlags } from './train-pipeline.ts'

type TrainFlags = ConfigFlags &
  RunFlags &
  StageFlags &
  PageFlags & { model?: string; engine?: string; size?: string; stopOn?: string; rollback?: boolean }

interface TrainRecipe {
  /** Settings that people change first, by their paths. */
  usual: readonly string[]
  examples: readonly string[]
  /** It may act on findings of the doctor's. */
  doctor?: true
  /** Recipes of several stages may run some of them again. */
  stages?: true
  run: (flags: TrainFlags) => Promise<void>
}

const pipeline = (recipe: 'r1' | 'distill' | 'attempts') => async (flags: TrainFlags) =>
  (await import('./train-pipeline.ts')).trainPipeline(recipe, flags)

/** Loaded when they are asked for. */
export const TRAIN: Record<string, TrainRecipe> = {
  'r1-zero': {
    usual: [
      'model',
      'task',
      'template',
      'rewards.file',
      'grpo.steps',
      'grpo.questionsPerStep',
      'grpo.groupSize',
      'grpo.learningRate',
      'grpo.klWeight',
      'grpo.temperature',
      'grpo.maxTokens',
      'evaluation.questions',
      'lora.rank',
      'microBatchTokens',
    ],
    examples: [
      'r1 train r1-zero',
      'r1 train r1-zero --preset quick',
      'r1 train r1-zero --seed 2 --run runs/two',
      'r1 train r1-zero --run runs/two --resume',
      'r1 train r1-zero --set grpo.learningRate=1e-4 --set rewards.languageConsistency=1',
      'r1 train r1-zero --set task=./my-task.ts --set grpo.steps=160',
      'r1 train r1-zero --model ./SmolLM2-135M-Instruct.gguf --set template=model --set task=word-problems',
      'r1 train r1-zero --stop-on truncation,never-right',
      'r1 train r1-zero --engine http://127.0.0.1:8000 --set lora.rank=32',
    ],
    doctor: true,
    run: async (flags) => (await import('./train-r1-zero.ts')).trainR1Zero(flags),
  },
  r1: {
    usual: [
      'model',
      'zero.grpo.steps',
      'coldStart.questions',
      'dev2.grpo.steps',
      'data.questions',
      'r1.grpo.steps',
      'evaluation.questions',
    ],
    examples: [
      'r1 train r1 --size pocket --run runs/r1',
      'r1 train r1 --run runs/r1 --resume',
      'r1 train r1 --run runs/r1 --from dev2',
    ],
    stages: true,
    run: pipeline('r1'),
  },
  distill: {
    usual: ['examples', 'teacher', 'students', 'data.questions', 'data.samples', 'reinforcement.enabled'],
    examples: ['r1 train distill --set examples=runs/r1/data/data.jsonl'],
    stages: true,
    run: pipeline('distill'),
  },
  attempts: {
    usual: ['model', 'data.questions', 'data.samples', 'search.simulations', 'search.width'],
    examples: ['r1 train attempts', 'r1 train attempts --run runs/attempts --resume'],
    stages: true,
    run: pipeline('attempts'),
  },
  sft: {
    usual: [
      'model',
      'data',
      'chatTemplate',
      'sft.epochs',
      'sft.batchSize',
      'sft.learningRate',
      'sft.maxTokens',
      'lora.rank',
    ],
    examples: ['r1 train sft --preset pocket --set data=examples.jsonl'],
    run: async (flags) => (await import('./train-sft.ts')).trainSft(flags),
  },
}

/** Of the recipe that `args` name, the settings are loaded: its help shows them. */
export async function trainCommand(args: readonly string[] = []): Promise<Command> {
  const command = new Command('train').description('Train a model by a recipe of the paper.')
  for (const [name, recipe] of Object.entries(TRAIN)) {
    const asked =
      args.includes(name) && (args.includes('--help') || args.includes('-h') || args[0] === 'help')
    command.addCommand(recipeCommand(name, recipe, asked ? await loadRecipe(name) : undefined))
  }
  return command.addHelpText(
    'after',
    `
Examples:
  r1 train r1-zero
  r1 train r1-zero --help       its settings, flags and examples`,
  )
}

function recipeCommand(name: string, recipe: TrainRecipe, configurable: Configurable | undefined): Command {
  const { summary } = RECIPES[name]!
  const command = addPageFlags(
    addRunFlags(
      addConfigFlags(
        new Command(name)
          .summary(summary)
          .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
          .option('--model <model>', 'base model, short for --set model=<model>')
          .option('--engine <url>', 'train on a server of the Tinker API, short for --set engine.url=<url>')
          .addOption(new Option('--size <name>', 'the same as --preset').conflicts('preset')),
      ),
    ),
  )
  if (recipe.stages)
    command
      .addOption(new Option('--only <stage>', 'run this stage again and no other').conflicts('from'))
      .option('--from <stage>', 'run this stage and all after it again')
  if (recipe.doctor)
    command
      .option('--stop-on <rules>', 'end at these findings, short for --set doctor.stopOn=<rules>')
      .option('--rollback', 'return from a finding, once, short for --set doctor.rollback=true')
  return command
    .addHelpText('after', () => recipeHelp(name, recipe, configurable))
    .action(async ({ model, engine, size, stopOn, rollback, ...given }: TrainFlags) => {
      await recipe.run({
        ...given,
        set: [
          ...(model === undefined ? [] : [`model=${model}`]),
          ...(engine === undefined ? [] : [`engine.url=${engine}`]),
          ...(stopOn === undefined ? [] : [`doctor.stopOn=${stopOn}`]),
          ...(rollback ? ['doctor.rollback=true'] : []),
          ...given.set,
        ],
        ...(size !== undefined && { preset: size }),
      })
    })
}

function recipeHelp(
  name: string,
  { usual, examples }: TrainRecipe,
  configurable: Configurable | undefined,
): string {
  const parts = [
    '',
    ...(configurable === undefined ? [] : [usualSettings(name, usual, configurable), '']),
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ]
  return parts.join('\n')
}

/** With the values that the recipe's usual preset gives them. */
function usualSettings(name: string, usual: readonly string[], configurable: Configurable): string {
  const all = settings(configurable.schema, resolveFlags(configurable, { set: [] }))
  const rows = usual.flatMap((path) => {
    const setting = all.find((one) => one.path === path)
    return setting === undefined ? [] : [[path, clipText(shownValue(setting.value), 20), setting.description]]
  })
  const table = terminalTable([{ name: 'setting' }, { name: 'value' }, { name: 'meaning' }], rows, {
    width: terminalWidth() ?? 100,
  })
  const presets = Object.keys(configurable.presets).join(', ')
  return `Most used settings, given as --set setting=value; r1 config ${name} lists all:
${table}

Presets: ${presets}`
}
