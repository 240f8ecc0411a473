/** `r1 train <recipe>`: runs a recipe, one readable line a step, and shows at the end what came of it. */
import { Command } from 'commander'
import { checkR1Zero, type R1ZeroConfig, r1Zero, r1ZeroConfig } from '../recipes/r1-zero.ts'
import { resultsText, writeRunReport } from '../report/run-report.ts'
import { terminalTranscript } from '../report/transcript.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import type { Run } from '../run/folder.ts'
import { listenForStop, stoppedAt } from '../run/stop.ts'
import { addConfigFlags, addRunFlags, type ConfigFlags, type RunFlags } from './config-flags.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine, stepHeader, stepLine } from './output.ts'
import { startProgress } from './progress.ts'
import { RECIPES } from './recipes.ts'
import type { StageFlags } from './train-pipeline.ts'

type TrainFlags = ConfigFlags & RunFlags & StageFlags & { model?: string; size?: string }

/** Recipes with a course of their own. */
const OTHER_RECIPES: Record<string, (flags: TrainFlags) => Promise<void>> = {
  sft: async (flags) => (await import('./train-sft.ts')).trainSft(flags),
  r1: async (flags) => (await import('./train-pipeline.ts')).trainPipeline('r1', flags),
  distill: async (flags) => (await import('./train-pipeline.ts')).trainPipeline('distill', flags),
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('Train a model by a recipe of the paper.')
    .argument('<recipe>', Object.keys(RECIPES).join(', '))
    .option('--model <model>', 'base model, short for --set model=<model>')
    .option('--size <name>', 'pocket or another preset, the same as --preset')
    .option('--only <stage>', 'of r1 and distill: run this stage anew and no other')
    .option('--from <stage>', 'of r1 and distill: run this stage and all after it anew')
    .addHelpText(
      'after',
      `
Examples:
  r1 train r1-zero
  r1 train r1-zero --seed 2 --run runs/two
  r1 train r1-zero --run runs/two --resume
  r1 train r1-zero --model ./SmolLM2-135M-Instruct.gguf --set task=word-problems
  r1 train r1-zero --set grpo.learningRate=1e-4 --set rewards.languageConsistency=1
  r1 train r1-zero --set task=./my-task.ts --set grpo.steps=20
  r1 train r1 --size pocket --run runs/r1
  r1 train r1 --run runs/r1 --from dev2
  r1 train distill --set teacher=runs/r1/r1
  r1 train sft --preset pocket --set data=examples.jsonl`,
    )
  return addRunFlags(addConfigFlags(command)).action(runTrain)
}

async function runTrain(recipe: string, given: TrainFlags): Promise<void> {
  const { model, size } = given
  const flags = {
    ...given,
    set: [...(model === undefined ? [] : [`model=${model}`]), ...given.set],
    ...(size !== undefined && { preset: size }),
  }
  const other = Object.hasOwn(OTHER_RECIPES, recipe) ? OTHER_RECIPES[recipe] : undefined
  if (other !== undefined) return await other(flags)
  const { run, resume, config } = await openOrCreateRun(recipe, flags, (values) =>
    checkR1Zero(r1ZeroConfig.parse(values)),
  )
  await trainInto(run, resume, r1ZeroConfig.parse(config), flags)
}

async function trainInto(
  run: Run,
  resume: Checkpoint | undefined,
  config: R1ZeroConfig,
  flags: TrainFlags,
): Promise<void> {
  const say = (text: string) => {
    if (!flags.json) printLine(text)
  }
  const stop = listenForStop('Stopping after this rollout and saving. Press Ctrl-C again to exit at once.')
  const total = config.grpo.steps
  let progress: ReturnType<typeof startProgress> | undefined
  const from = resume?.step ?? 0
  let last = from
  try {
    if (flags.resume) say(`Going on from step ${from} of ${run.folder}.\n`)
    else say(introduction(config, run.folder))
    const done = await r1Zero({
      config,
      run,
      ...(resume && { resume }),
      signal: stop.signal,
      onPhase(phase) {
        const { questions, samples } = config.evaluation
        if (phase === 'base')
          say(`Measuring the base model: ${questions} held-out problems, ${samples} responses each …`)
        if (phase === 'train') {
          say(`\n${stepHeader(total)}`)
          progress = startProgress({ label: 'training', total, initial: from, silent: flags.json ?? false })
        }
        if (phase === 'trained') {
          progress?.stop()
          say('\nMeasuring the trained model on the same problems …')
        }
      },
      onStep({ step, metrics, timing }) {
        last = step
        progress?.line(stepLine({ step, ...metrics, ...timing }, total))
        progress?.update(step)
      },
    })
    if (done === undefined)
      throw stoppedAt(
        stop.signal,
        last,
        run.folder,
        `npx r1 train ${run.info.recipe} --run ${run.folder} --resume`,
      )
    if (flags.json) return printJson(done.result)
    const { summary, curves } = await writeRunReport(run.folder, { transcripts: done.transcripts })
    say(`\n${resultsText(summary)}`)
    for (const transcript of done.transcripts) say(`\n${terminalTranscript(transcript)}`)
    say(farewell(run.folder, curves))
  } finally {
    progress?.stop()
    stop.close()
    run.close()
  }
}

function introduction({ grpo, model, task, evaluation, seed }: R1ZeroConfig, folder: string): string {
  return `R1-Zero: the base model ${model} answers questions of ${task}. It has seen many guesses and a few patient
searches, and nobody tells it which to prefer. For ${grpo.steps} steps it answers ${grpo.questionsPerStep} questions ${grpo.groupSize} times each; a rule
rewards right answers and tidy form, and GRPO makes what scored above its group's mean likelier. Watch
accuracy and length climb together. ${evaluation.questions} problems that it never saw measure it before and after.
Seed ${seed}; everything goes to ${folder}. Ctrl-C saves.
`
}

function farewell(folder: string, curves: string): string {
  return `
Curves   ${curves}
Report   ${folder}/report.md
Model    ${folder}/model (opens in transformers)

Go on with
  npx r1 eval ${folder} --benchmark pocket-countdown --samples 16
  npx r1 sample ${folder} "Using the numbers 3, 7, 9, make 30"
  npx r1 train r1-zero --seed 2`
}
