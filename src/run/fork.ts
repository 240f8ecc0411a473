/**
 * A run that begins where another one was: a folder with the other's checkpoint and all that came before it. What it does from
 * there is its own.
 */
import { constants, existsSync } from 'node:fs'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeJsonl } from '../disk/jsonl.ts'
import { replaceFile } from '../disk/replace-file.ts'
import { ConfigError } from '../errors.ts'
import { type Checkpoint, checkpointSteps, loadCheckpoint, stepName } from './checkpoint.ts'
import { checkpointsOf, createRun, FINDINGS, METRICS, type RunInfo, TIMING } from './folder.ts'
import { readMetrics } from './metrics.ts'

/** The checkpoint of step `step` of a run, its newest where no step is given. */
export async function checkpointAt(folder: string, step: number | undefined): Promise<Checkpoint> {
  const steps = await checkpointSteps(checkpointsOf(folder))
  const found = step === undefined ? steps[0] : steps.find((other) => other === step)
  if (found !== undefined) return await loadCheckpoint(join(checkpointsOf(folder), stepName(found)))
  throw new ConfigError(
    step === undefined ? 'it has no checkpoint.' : `it has no checkpoint of step ${step}.`,
    {
      field: folder,
      ...(steps.length > 0 && { expected: `one of ${[...steps].reverse().join(', ')}` }),
      remedy:
        steps.length > 0
          ? 'To have more of them, train with a larger keepCheckpoints.'
          : 'Only a run that has saved one can be forked.',
    },
  )
}

/** Makes the folder `to`; opening it and calling `resume` continues from the checkpoint. */
export async function forkRun(
  from: string,
  checkpoint: Checkpoint,
  to: string,
  info: RunInfo,
): Promise<void> {
  const { step } = checkpoint
  const run = await createRun(to, info)
  try {
    for (const name of [METRICS, TIMING, FINDINGS])
      if (existsSync(join(from, name)))
        await writeJsonl(join(to, name), readMetrics(join(from, name), { to: step }))
    await copyFiles(join(from, 'rollouts'), join(to, 'rollouts'), (name) => {
      const match = /^(\d+)\.jsonl$/.exec(name)
      return match !== null && Number(match[1]) <= step
    })
    await copyFiles(join(from, 'evaluations'), join(to, 'evaluations'), (name) => {
      const match = /^step-(\d+)\b.*\.jsonl?$/.exec(name)
      return match === null ? name.startsWith('base') : Number(match[1]) <= step
    })
    const name = stepName(step)
    // A copy shares its bytes with the original where the disk can do that.
    await cp(checkpoint.folder, join(checkpointsOf(to), name), {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
    })
    await replaceFile(join(checkpointsOf(to), 'latest'), `${name}\n`)
  } finally {
    run.close()
  }
}

async function copyFiles(from: string, to: string, wanted: (name: string) => boolean): Promise<void> {
  if (!existsSync(from)) return
  await mkdir(to, { recursive: true })
  for (const name of (await readdir(from)).filter(wanted))
    await cp(join(from, name), join(to, name), { mode: constants.COPYFILE_FICLONE })
}
