/** `r1 push <run> owner/name`: a trained model with its card, settings and curves onto the Hugging Face hub. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { hubAccess, readRecord } from '../disk/hub.ts'
import { type PushOptions, pushModel } from '../disk/hub-push.ts'
import { ConfigError } from '../errors.ts'
import { writeRunReport } from '../report/run-report.ts'
import { readRunSummary } from '../report/run-summary.ts'
import { runTranscripts } from '../report/run-transcripts.ts'
import { trainedModelCard } from '../report/trained-model-card.ts'
import { CONFIG, METRICS } from '../run/folder.ts'
import { listenForStop, stopped } from '../run/stop.ts'
import { printJson, printLine, printNote } from './output.ts'
import { makingCommand } from './run-command.ts'

interface PushFlags {
  public?: boolean
  message: string
  json?: boolean
}

export function pushCommand(): Command {
  return new Command('push')
    .description(
      `Put a run's model on the Hugging Face hub, with a card that has its figures, its settings, metrics and curves. The
repository is made where there is none, private unless --public is given. HF_TOKEN must be allowed to write.`,
    )
    .argument('<run>', "the run's folder")
    .argument('<name>', 'owner/name')
    .option('--public', 'make the repository public')
    .option('--message <text>', "the commit's title", 'Trained with r1-ts')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  HF_TOKEN=hf_… r1 push runs/two me/countdown-r1-zero')
    .action(push)
}

async function push(folder: string, repo: string, flags: PushFlags): Promise<void> {
  const stop = listenForStop('Stopping; nothing of it is on the hub until all of it is.')
  try {
    const pushed = await pushModel({
      repo,
      files: await filesOf(folder, repo),
      title: flags.message,
      visibility: flags.public ? 'public' : 'private',
      ...hubAccess(),
      signal: stop.signal,
    })
    if (flags.json) return printJson(pushed)
    printLine(pushed.url)
    printNote(`${pushed.files.length} files, commit ${pushed.revision.slice(0, 12)}`)
  } catch (error) {
    if (stop.signal.aborted) throw stopped(stop.signal, 'Stopped.')
    throw error
  } finally {
    stop.close()
  }
}

/** The model at the top, as other programs expect it; what is known of its run below. */
async function filesOf(folder: string, repo: string): Promise<PushOptions['files']> {
  const summary = await readRunSummary(folder)
  const model = join(folder, 'model')
  if (!existsSync(model))
    throw new ConfigError('this run has no model yet.', {
      field: folder,
      remedy: 'It is written after the last step; continue the run with --resume.',
    })
  const transcripts = await runTranscripts(folder, 2)
  const { curves } = await writeRunReport(folder, { transcripts })
  const names = readdirSync(model).filter((name) => !name.startsWith('.') && name !== 'README.md')
  const base = typeof summary.info.config.model === 'string' ? summary.info.config.model : ''
  const card = trainedModelCard({
    repo,
    summary,
    transcripts,
    command: await makingCommand(summary),
    base: (await readRecord(base))?.repo,
    adapters: names.includes('adapter_config.json'),
  })
  return {
    ...Object.fromEntries(names.map((name) => [name, { file: join(model, name) }])),
    'README.md': { text: card },
    'figures/curves.svg': { file: curves },
    'run/config.json': { file: join(folder, CONFIG) },
    'run/metrics.jsonl': { file: join(folder, METRICS) },
  }
}
