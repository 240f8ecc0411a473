/** `r1 train r1-zero`: one readable line a rollout, and at the end what came of it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findingLine } from '../doctor/finding-text.ts'
import { type R1ZeroConfig, r1Zero, r1ZeroConfig } from '../recipes/r1-zero.ts'
import { resultsTable } from '../report/run-report.ts'
import type { RunSummary } from '../report/run-summary.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import type { Run } from '../run/folder.ts'
import { listenForStop, stoppedAt } from '../run/stop.ts'
import { visible } from '../text/visible.ts'
import type { ConfigFlags, RunFlags } from './config-flags.ts'
import { type PageFlags, pageAddress, shownRoot, startLivePage } from './live-page.ts'
import { checkR1Zero, openR1Zero } from './open-r1-zero.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine, printProse, printTable, printTranscript, stepLines } from './output.ts'
import { startProgress } from './progress.ts'
import { resumeCommand } from './run-command.ts'
import { shellWord } from './shell-word.ts'
import { paint, paintVerdict, shownPath } from './terminal.ts'

export async function trainR1Zero(flags: ConfigFlags & RunFlags & PageFlags): Promise<void> {
  const { run, resume, config } = await openOrCreateRun('r1-zero', flags, (values) =>
    checkR1Zero(r1ZeroConfig.parse(values)),
  )
  await trainInto(run, resume, r1ZeroConfig.parse(config), flags)
}

export async function trainInto(
  run: Run,
  resume: Checkpoint | undefined,
  config: R1ZeroConfig,
  flags: RunFlags & PageFlags,
): Promise<void> {
  const say = (text: string) => {
    if (!flags.json) printProse(text)
  }
  const stop = listenForStop('Stopping after this rollout and saving. Press Ctrl-C again to exit at once.')
  const { steps: total, minibatches, innerEpochs } = config[config.algorithm]
  const updatesPerRollout = minibatches * innerEpochs
  // On policy no ratio is clipped.
  const lines = stepLines(total, updatesPerRollout === 1 ? ['clipShare'] : [])
  const page = await startLivePage(run.folder, flags)
  let progress: ReturnType<typeof startProgress> | undefined
  let parts: Awaited<ReturnType<typeof openR1Zero>> | undefined
  const from = resume?.step ?? 0
  let last = from
  try {
    say(
      [
        flags.resume ? `Continuing from step ${from} of ${shownPath(run.folder)}.` : headline(config),
        ...(page === undefined ? [] : [`Watch it learn at ${page.url}`]),
        ...(flags.resume ? [] : [introduction(config, updatesPerRollout, run.folder)]),
        '',
      ].join('\n'),
    )
    parts = await openR1Zero(config, {
      folder: run.folder,
      signal: stop.signal,
      note: (text) => (progress === undefined ? say(`${text}\n`) : progress.line(text)),
    })
    const done = await r1Zero(
      {
        ...parts,
        onPhase(phase) {
          const { questions, samples } = config.evaluation
          if (phase === 'base')
            say(`Measuring the base model: ${questions} held-out problems, ${samples} responses each …`)
          if (phase === 'train') {
            if (!flags.json) printLine(`\n${lines.header}`)
            progress = startProgress({ label: 'training', total, initial: from, silent: flags.json ?? false })
          }
          if (phase === 'trained') {
            progress?.stop()
            say('\nMeasuring the trained model on the same problems …')
          }
        },
        onFinding(finding) {
          if (progress === undefined) say(findingLine(finding))
          else progress.line(findingLine(finding))
        },
        onStep({ step, metrics, timing }) {
          last = step
          if (step % updatesPerRollout === 0 || step === total)
            progress?.line(lines.line({ step, ...metrics, ...timing }))
          if (metrics.droppedUpdate)
            progress?.line('The gradient was not finite: this update changed nothing.')
          progress?.update(step)
        },
      },
      { run, resume, seed: config.seed, signal: stop.signal },
    )
    if (done === undefined) throw stoppedAt(stop.signal, last, run.folder, resumeCommand(run))
    if (flags.json) return printJson(done.result)
    printResults(done.report.summary)
    for (const transcript of done.transcripts) printTranscript(transcript)
    printProse(`\nDoctor   ${done.diagnosis}`)
    process.stdout.write(`${farewell(config, run.folder)}\n`)
  } finally {
    parts?.close()
    progress?.stop()
    stop.close()
    run.close()
    page?.close()
  }
}

const headline = ({ model, task }: R1ZeroConfig) =>
  `R1-Zero: the base model ${model} learns to answer questions of ${task}.`

function introduction(config: R1ZeroConfig, updatesPerRollout: number, folder: string): string {
  const { algorithm, model, evaluation, seed } = config
  const { steps, questionsPerStep, groupSize, minibatches } = config[algorithm]
  const likelier = {
    grpo: "GRPO makes what scored above its group's mean likelier",
    ppo: 'PPO makes what scored above what a critic expected likelier',
  }
  const read =
    model === 'pocket-base'
      ? 'It has seen many guesses and a few patient searches, and nobody tells it which to prefer. '
      : ''
  return `
${read}In each of ${Math.ceil(steps / updatesPerRollout)} rollouts it answers ${questionsPerStep * minibatches} questions ${groupSize} times each. A rule scores the \
answers, and ${likelier[algorithm]}${updatesPerRollout > 1 ? `, in ${updatesPerRollout} updates` : ''}. ${evaluation.questions} problems that it never saw measure it before and after.

Seed ${seed}; everything goes to ${shownPath(folder)}. Ctrl-C saves.`
}

/** Base beside trained, with what became better or worse in colour. */
function printResults(summary: RunSummary): void {
  const { columns, rows, measures } = resultsTable(summary)
  const { base, trained } = summary.results
  printLine()
  printTable(columns, rows, {
    paint(text, row, column) {
      const { key, better } = measures[row]!
      const [before, after] = [base?.[key], trained?.[key]]
      if (column !== 'trained' || better === undefined || before === after) return text
      return paintVerdict(text, Number(after) > Number(before) === (better === 'higher'))
    },
  })
}

/** In colour, so what others have named is made visible here. */
function farewell({ task, model }: R1ZeroConfig, folder: string): string {
  const place = visible(shownPath(folder))
  const run = shellWord(place)
  const shipped = model.startsWith('pocket-') ? model : shellWord(visible(model))
  const next = [
    [
      ['npx r1 dashboard', ...(shownRoot(folder) === folder ? [run] : [])].join(' '),
      `the page again, at ${pageAddress(folder)}`,
    ],
    [`npx r1 serve base=${shipped} r1=${run}`, 'talk to both, side by side'],
    ...(task === 'pocket-countdown'
      ? [[`npx r1 eval ${run} --benchmark pocket-countdown`, 'measure it by the protocol of the paper']]
      : [[`npx r1 chat ${run}`, 'talk to it here']]),
    [`npx r1 report ${run}`, 'all of it as one HTML file'],
  ] as [string, string][]
  const adapters = existsSync(join(folder, 'model', 'adapter_config.json'))
  return `
Model    ${place}/model (${adapters ? 'adapters, which open in PEFT' : 'opens in transformers'})
Report   ${place}/report.md

Next
${next.map(([command, what]) => `  ${command}\n      ${paint('dim', what)}`).join('\n')}`
}
