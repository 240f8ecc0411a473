/** `r1 train sft`: supervised fine-tuning on files of prompts and responses. */

import { formatDuration, formatNumber } from '../measures/format.ts'
import { checkSft, sftRecipeConfig, supervisedFineTuning } from '../pipeline/sft.ts'
import { listenForStop, stoppedAt } from '../run/stop.ts'
import type { ConfigFlags, RunFlags } from './config-flags.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine, printNote } from './output.ts'
import { startProgress } from './progress.ts'
import { resumeCommand } from './run-command.ts'

export async function trainSft(flags: ConfigFlags & RunFlags): Promise<void> {
  const {
    run,
    resume,
    config: values,
  } = await openOrCreateRun('sft', flags, (config) => checkSft(sftRecipeConfig.parse(config)))
  const config = sftRecipeConfig.parse(values)
  const stop = listenForStop()
  const silent = flags.json ?? false
  let progress: ReturnType<typeof startProgress> | undefined
  let last = resume?.step ?? 0
  try {
    const result = await supervisedFineTuning({
      config,
      run,
      resume,
      signal: stop.signal,
      onPlan({ examples, tooLong, steps }) {
        const left = tooLong === 0 ? '' : ` (${formatNumber(tooLong)} longer ones left out)`
        if (!silent)
          printLine(`${formatNumber(examples)} examples${left}, ${config.sft.epochs} epochs, ${steps} steps`)
        progress = startProgress({ label: 'fine-tuning', total: steps, initial: last, silent })
      },
      onNote: (text) => (progress === undefined ? printNote(text) : progress.line(text)),
      onStep({ step, loss, validationLoss, gradientNorm }, steps) {
        last = step
        const validated = validationLoss === undefined ? '' : `  validation ${validationLoss.toFixed(3)}`
        if (validated !== '' || step % Math.ceil(steps / 20) === 0)
          progress?.line(
            `${String(step).padStart(5)}/${steps}  loss ${loss.toFixed(3)}  gradient norm ${gradientNorm.toFixed(2)}${validated}`,
          )
        progress?.update(step)
      },
    })
    if (result === undefined) throw stoppedAt(stop.signal, last, run.folder, resumeCommand(run))
    await run.finish({ ...result })
    progress?.stop()
    if (flags.json) return printJson(result)
    printLine(
      `\n${formatNumber(result.tokens, 9)} response tokens in ${formatDuration(result.seconds)}\nModel ${run.folder}/model`,
    )
  } finally {
    progress?.stop()
    stop.close()
    run.close()
  }
}
