/** `r1 pretrain`: makes the pocket base model from nothing. */
import { existsSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { replaceFile } from '../disk/replace-file.ts'
import { ConfigError } from '../errors.ts'
import { formatDuration, formatNumber, percent } from '../measures/format.ts'
import { pretrainPocketBase, pretrainRecipeConfig } from '../recipes/pretrain.ts'
import { modelCard } from '../report/model-card.ts'
import { listenForStop, stoppedAt } from '../run/stop.ts'
import { addConfigFlags, addRunFlags, type ConfigFlags, type RunFlags } from './config-flags.ts'
import { openOrCreateRun } from './open-run.ts'
import { printJson, printLine } from './output.ts'
import { startProgress } from './progress.ts'
import { resumeCommand, settingFlags } from './run-command.ts'

type PretrainFlags = ConfigFlags & RunFlags & { output?: string }

export function pretrainCommand(): Command {
  const command = new Command('pretrain')
    .description('Train the pocket base model on a synthetic web, from random weights.')
    .option('-o, --output <folder>', 'also put the finished model, with its card, here')
    .addHelpText(
      'after',
      `
Examples:
  r1 pretrain
  r1 pretrain --preset pocket-v3 --output models/pocket-v3-base
  r1 pretrain --seed 2 --set pretrain.steps=500 --run runs/base
  r1 pretrain --run runs/base --resume
  r1 config pretrain`,
    )
  return addRunFlags(addConfigFlags(command)).action(runPretrain)
}

async function runPretrain(flags: PretrainFlags): Promise<void> {
  const output = flags.output === undefined ? undefined : resolve(flags.output)
  if (output !== undefined && existsSync(output))
    throw new ConfigError('already there.', {
      field: '--output',
      value: flags.output,
      remedy: 'Choose another folder.',
    })
  const { run, resume, config: values } = await openOrCreateRun('pretrain', flags)
  const config = pretrainRecipeConfig.parse(values)
  const stop = listenForStop()
  const total = config.pretrain.steps
  let last = resume?.step ?? 0
  const progress = startProgress({ label: 'pre-training', total, initial: last, silent: flags.json ?? false })
  try {
    const result = await pretrainPocketBase({
      config,
      run,
      ...(resume && { resume }),
      signal: stop.signal,
      onStep({ step, loss, gradientNorm, tokensPerSecond }) {
        last = step
        if (step % 20 === 0)
          progress.line(
            `${String(step).padStart(5)}/${total}  loss ${loss.toFixed(3)}  gradient norm ${gradientNorm.toFixed(2)}  ${formatNumber(Math.round(tokensPerSecond), 9)} tokens/s`,
          )
        progress.update(step)
      },
    })
    if (result === undefined) throw stoppedAt(stop.signal, last, run.folder, resumeCommand(run))
    if (output !== undefined) {
      await mkdir(output, { recursive: true })
      await cp(join(run.folder, 'model'), output, { recursive: true })
      const { architecture } = config.model
      const { version, seed } = run.info
      const command = ['npx r1 pretrain', `--seed ${seed}`, ...(await settingFlags(run.info))].join(' ')
      await replaceFile(join(output, 'README.md'), modelCard({ architecture, version, command, ...result }))
    }
    progress.stop()
    if (flags.json) return printJson({ ...result, run: run.folder })
    const { report, greedy } = result.heldOut
    printLine(
      `\n${formatNumber(result.parameters, 9)} parameters, ${formatNumber(result.tokens, 9)} tokens, ${formatDuration(result.seconds)}`,
    )
    printLine(
      `held-out Countdown: pass@1 ${percent(report.pass1)}, pass@${report.samples} ${percent(report.passK)}, greedy ${percent(greedy.pass1)}`,
    )
    printLine(`Model ${output ?? join(run.folder, 'model')}`)
  } finally {
    progress.stop()
    stop.close()
    run.close()
  }
}
