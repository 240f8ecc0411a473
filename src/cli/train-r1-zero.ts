/** `r1 train r1-zero`: one readable line a step, and at the end what came of it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type R1ZeroConfig, r1Zero, r1ZeroConfig } from '../recipes/r1-zero.ts'
import { resultsText } from '../report/run-report.ts'
import { terminalTranscript } from '../report/transcript.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import type { Run } from '../run/folder.ts'
import { listenForStop, stoppedAt } from '../run/stop.ts'
import type { ConfigFlags, RunFlags } from './config-flags.ts'
import { checkR1Zero, openR1Zero } from './open-r1-zero.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine, stepHeader, stepLine } from './output.ts'
import { startProgress } from './progress.ts'
import { resumeCommand } from './run-command.ts'
import { shellWord } from './shell-word.ts'

export async function trainR1Zero(flags: ConfigFlags & RunFlags): Promise<void> {
  const { run, resume, config } = await openOrCreateRun('r1-zero', flags, (values) =>
    checkR1Zero(r1ZeroConfig.parse(values)),
  )
  await trainInto(run, resume, r1ZeroConfig.parse(config), flags)
}

async function trainInto(
  run: Run,
  resume: Checkpoint | undefined,
  config: R1ZeroConfig,
  flags: RunFlags,
): Promise<void> {
  const say = (text: string) => {
    if (!flags.json) printLine(text)
  }
  const stop = listenForStop('Stopping after this rollout and saving. Press Ctrl-C again to exit at once.')
  const total = config[config.algorithm].steps
  let progress: ReturnType<typeof startProgress> | undefined
  let parts: Awaited<ReturnType<typeof openR1Zero>> | undefined
  const from = resume?.step ?? 0
  let last = from
  try {
    if (flags.resume) say(`Continuing from step ${from} of ${run.folder}.\n`)
    else say(introduction(config, run.folder))
    parts = await openR1Zero(config, (text) =>
      progress === undefined ? say(`${text}\n`) : progress.line(text),
    )
    const done = await r1Zero(
      {
        ...parts,
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
          if (metrics.droppedUpdate)
            progress?.line('The gradient was not finite: this update changed nothing.')
          progress?.update(step)
        },
      },
      { run, resume, seed: config.seed, signal: stop.signal },
    )
    if (done === undefined) throw stoppedAt(stop.signal, last, run.folder, resumeCommand(run))
    if (flags.json) return printJson(done.result)
    say(`\n${resultsText(done.report.summary)}`)
    for (const transcript of done.transcripts) say(`\n${terminalTranscript(transcript)}`)
    say(farewell(config, run.folder, done.report.curves))
  } finally {
    parts?.close()
    progress?.stop()
    stop.close()
    run.close()
  }
}

function introduction(config: R1ZeroConfig, folder: string): string {
  const { algorithm, model, task, evaluation, seed } = config
  const { steps, questionsPerStep, groupSize } = config[algorithm]
  const likelier = {
    grpo: "GRPO makes what scored above its group's mean",
    ppo: 'PPO makes what scored above what a critic expected',
  }
  const read =
    model === 'pocket-base'
      ? ' It has seen many guesses and a few patient\nsearches, and nobody tells it which to prefer.'
      : ''
  return `R1-Zero: the base model ${model} answers questions of ${task}.${read}
For ${steps} steps it answers ${questionsPerStep} questions ${groupSize} times each; a rule scores the answers, and
${likelier[algorithm]} likelier. ${evaluation.questions} problems that it never saw measure it before and after.
Seed ${seed}; everything goes to ${folder}. Ctrl-C saves.
`
}

function farewell({ task }: R1ZeroConfig, folder: string, curves: string): string {
  const next =
    task === 'pocket-countdown'
      ? `npx r1 eval ${shellWord(folder)} --benchmark pocket-countdown --samples 16
  npx r1 sample ${shellWord(folder)} "Using the numbers 3, 7, 9, make 30"
  npx r1 train r1-zero --seed 2`
      : `npx r1 chat ${shellWord(folder)}`
  const adapters = existsSync(join(folder, 'model', 'adapter_config.json'))
  return `
Curves   ${curves}
Report   ${folder}/report.md
Model    ${folder}/model (${adapters ? 'adapters, which open in PEFT' : 'opens in transformers'})

Next
  ${next}`
}
