/** `r1 pull owner/name`: a model from the Hugging Face hub into a folder. */
import { join } from 'node:path'
import { Command } from 'commander'
import { hubAccess, pullModel } from '../disk/hub.ts'
import { listenForStop, stopped } from '../run/stop.ts'
import { printJson, printLine, printNote } from './output.ts'
import { type Progress, startProgress } from './progress.ts'

interface PullFlags {
  output?: string
  revision?: string
  file: string[]
  json?: boolean
}

export function pullCommand(): Command {
  return new Command('pull')
    .description(
      `Fetch a model from the Hugging Face hub: weights as safetensors, configuration and tokenizer. What arrives is
checked against the hub's sizes and hashes; a pull that was stopped continues where it stopped. HF_TOKEN is for gated and
private models, HF_ENDPOINT for another hub.`,
    )
    .argument('<model>', 'owner/name')
    .option('-o, --output <folder>', 'a new folder (default: models/<name>)')
    .option('--revision <revision>', 'branch, tag or commit (default: main)')
    .option('--file <name>', 'only this file, such as a .gguf; may be given several times', collect, [])
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  r1 pull Qwen/Qwen2.5-0.5B && r1 sample models/Qwen2.5-0.5B "What is 12 * 12?"
  r1 pull owner/name-GGUF --file name-q8_0.gguf --output models/name
  HF_TOKEN=hf_… r1 pull meta-llama/Llama-3.2-1B-Instruct`,
    )
    .action(runPull)
}

const collect = (value: string, before: string[]) => [...before, value]

async function runPull(repo: string, { output, revision, file, json = false }: PullFlags): Promise<void> {
  const stop = listenForStop('Stopping; pull again to continue.')
  let progress: Progress | undefined
  try {
    const pulled = await pullModel({
      repo,
      output: output ?? join('models', repo.split('/').at(-1)!),
      ...(revision === undefined ? {} : { revision }),
      ...(file.length === 0 ? {} : { files: file }),
      ...hubAccess(),
      signal: stop.signal,
      onProgress(done, total, name) {
        progress ??= startProgress({
          label: 'MB',
          total: megabytes(total),
          initial: megabytes(done),
          silent: json,
        })
        progress.update(megabytes(done), name)
      },
    })
    progress?.stop()
    if (json) return printJson(pulled)
    printLine(pulled.folder)
    printNote(
      `${pulled.files.length} files, ${megabytes(pulled.bytes)} MB, commit ${pulled.revision.slice(0, 12)}`,
    )
  } catch (error) {
    if (!stop.signal.aborted) throw error
    throw stopped(stop.signal, `Stopped. What has arrived is kept; the same command continues from there.`)
  } finally {
    progress?.stop()
    stop.close()
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6)
