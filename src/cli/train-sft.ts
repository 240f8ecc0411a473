/** `r1 train sft`: supervised fine-tuning on files of prompts and responses. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { ConfigError } from '../errors.ts'
import { formatDuration, formatNumber } from '../measures/format.ts'
import { fineTuningStage } from '../pipeline/fine-tuning.ts'
import { checkSftData, readSftData } from '../pipeline/sft-data.ts'
import { checkTrainedModel, openTrainedModel, type TrainedModel } from '../pipeline/trained-model.ts'
import { type SftRecipeConfig, sftRecipeConfig } from '../recipes/sft.ts'
import { listenForStop, stoppedAt } from '../run/stop.ts'
import { R1_CHAT_TEMPLATE } from '../text/chat-template.ts'
import type { ConfigFlags, RunFlags } from './config-flags.ts'
import { type PageFlags, startLivePage } from './live-page.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine, printNote } from './output.ts'
import { startProgress } from './progress.ts'
import { resumeCommand } from './run-command.ts'

export async function trainSft(flags: ConfigFlags & RunFlags & PageFlags): Promise<void> {
  const {
    run,
    resume,
    config: values,
  } = await openOrCreateRun('sft', flags, (config) => checkSft(sftRecipeConfig.parse(config)))
  const config = sftRecipeConfig.parse(values)
  const { sft, seed, checkpointEvery, keepCheckpoints } = config
  const page = await startLivePage(run.folder, flags)
  const stop = listenForStop()
  const silent = flags.json ?? false
  let progress: ReturnType<typeof startProgress> | undefined
  let last = resume?.step ?? 0
  let model: TrainedModel | undefined
  try {
    if (page !== undefined) printLine(`Watch it learn at ${page.url}`)
    model = await openTrainedModel(config, {
      chatTemplate: await chatTemplate(config),
      note: (text) => (progress === undefined ? printNote(text) : progress.line(text)),
    })
    const limit = Math.min(sft.maxTokens, model.maxPositions)
    const result = await fineTuningStage(
      {
        model,
        config: sft,
        data: await readSftData(files(config), model, limit),
        checkpoints: { every: checkpointEvery, keep: keepCheckpoints },
        onPlan({ examples, tooLong, steps }) {
          const left = tooLong === 0 ? '' : ` (${formatNumber(tooLong)} longer ones left out)`
          if (!silent)
            printLine(`${formatNumber(examples)} examples${left}, ${sft.epochs} epochs, ${steps} steps`)
          progress = startProgress({ label: 'fine-tuning', total: steps, initial: last, silent })
        },
        onStep({ step, loss, validationLoss, gradientNorm }, steps) {
          last = step
          const validated = validationLoss === undefined ? '' : `  validation ${validationLoss.toFixed(3)}`
          if (validated !== '' || step % Math.ceil(steps / 20) === 0)
            progress?.line(
              `${String(step).padStart(5)}/${steps}  loss ${loss.toFixed(3)}  gradient norm ${gradientNorm.toFixed(2)}${validated}`,
            )
          progress?.update(step)
        },
      },
      { run, resume, seed, signal: stop.signal },
    )
    if (result === undefined) throw stoppedAt(stop.signal, last, run.folder, resumeCommand(run))
    await run.finish({ ...result })
    progress?.stop()
    if (flags.json) return printJson(result)
    printLine(
      `\n${formatNumber(result.tokens, 9)} response tokens in ${formatDuration(result.seconds)}\nModel ${run.folder}/model`,
    )
  } finally {
    model?.engine.close()
    progress?.stop()
    stop.close()
    run.close()
    page?.close()
  }
}

/** Throws for a model, template or example that is not there or is none, before a run leaves any trace. */
export async function checkSft(config: SftRecipeConfig): Promise<void> {
  await checkTrainedModel(config, { section: 'sft', adamw: config.sft })
  await chatTemplate(config)
  if (files(config).length === 0)
    throw new ConfigError('what is it to learn from?', {
      field: 'data',
      remedy: 'Name files of prompts and responses: --set data=examples.jsonl',
    })
  const missing = files(config).find((path) => !existsSync(path))
  if (missing !== undefined)
    throw new ConfigError('there is no such file.', { field: 'data', value: missing })
  if ((await checkSftData(files(config))) === 0)
    throw new ConfigError('there is nothing to learn from.', {
      field: 'data',
      value: config.data,
      expected: 'rows of prompt and response, or messages',
    })
}

const files = ({ data }: SftRecipeConfig) =>
  data
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')

async function chatTemplate({ chatTemplate: asked }: SftRecipeConfig): Promise<string | undefined> {
  if (asked === null) return undefined
  if (asked === 'r1') return R1_CHAT_TEMPLATE
  return await readFile(asked, 'utf8').catch((cause) => {
    throw new ConfigError('the template cannot be read.', {
      field: 'chatTemplate',
      value: asked,
      expected: 'a Jinja file, or r1',
      cause,
    })
  })
}
