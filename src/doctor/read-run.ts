/** A stored run, told to the doctor as it happened. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../disk/jsonl.ts'
import { ConfigError } from '../errors.ts'
import { FINDINGS, METRICS, readRunInfo, rolloutsPath } from '../run/folder.ts'
import { numbersOf, readMetrics, type StepNumbers } from '../run/metrics.ts'
import { type CourseSettings, WINDOW } from './course.ts'
import { type Doctor, openDoctor } from './examine.ts'
import { readRollout } from './rollout-rows.ts'
import type { Finding } from './rule.ts'

/** A run whose learning rate was lowered at a checkpoint (`--rollback`). */
export interface Rollback {
  /** The checkpoint's. */
  step: number
  /** Why, and the step at which that was found. */
  finding: Finding
  /** Times the learning rate of the settings, from this step on. */
  learningRateFactor: number
}

export interface Examination {
  findings: Finding[]
  /** Updates that were looked at. */
  steps: number
  rollback: Rollback | undefined
}

/** Whether a run is one of reinforcement: others have no rollouts to look at. */
export const isReinforced = (folder: string): boolean =>
  courseSettings(readRunInfo(folder).config) !== undefined

/**
 * Everything that a run's files show. What was found before the first step is known from the run alone. Throws a ConfigError for
 * a run without reinforcement.
 */
export async function examineRun(folder: string, off: readonly string[] = []): Promise<Examination> {
  const { config, recipe } = readRunInfo(folder)
  const settings = courseSettings(config)
  if (settings === undefined)
    throw new ConfigError('the doctor looks at reinforcement, and there is none in this run.', {
      field: folder,
      value: recipe,
    })
  const { findings: logged, rollback } = await readFindings(join(folder, FINDINGS))
  const first = logged.filter(({ rule, step }) => step === 0 && !off.includes(rule))
  const told: Finding[] = []
  const doctor = openDoctor(settings, { off })
  const steps = await tellRun(folder, settings, doctor, (findings) => told.push(...findings))
  return { findings: [...first, ...told], steps, rollback }
}

/** Tells the doctor all that is in a run's folder, in order; gives the number of updates. */
async function tellRun(
  folder: string,
  { updatesPerRollout }: CourseSettings,
  doctor: Doctor,
  onFindings: (findings: Finding[]) => void,
): Promise<number> {
  const { steps, evaluations } = await readFigures(folder)
  const waiting = evaluations.values()
  let next = waiting.next().value
  for (const line of steps) {
    const { step } = line
    doctor.step(line)
    if (step % updatesPerRollout !== 0 && line !== steps.at(-1)) continue
    for (; next !== undefined && next.step <= step; next = waiting.next().value) doctor.evaluation(next)
    await tellRollout(folder, step, doctor)
    onFindings(doctor.look())
  }
  return steps.length
}

/**
 * A doctor that knows what one at the run's side would know after its last step. What that one has said is in the run's folder,
 * so only the rollouts that rules still look at are read.
 */
export async function returnToRun(
  folder: string,
  settings: CourseSettings,
  off: readonly string[],
): Promise<Doctor> {
  const { findings } = await readFindings(join(folder, FINDINGS))
  const doctor = openDoctor(settings, { off: [...off, ...findings.map(({ rule }) => rule)] })
  const { steps, evaluations } = await readFigures(folder)
  for (const line of steps) doctor.step(line)
  for (const line of evaluations) doctor.evaluation(line)
  for (const { step } of steps.slice(-WINDOW * settings.updatesPerRollout))
    await tellRollout(folder, step, doctor)
  return doctor
}

async function readFigures(folder: string): Promise<{ steps: StepNumbers[]; evaluations: StepNumbers[] }> {
  const steps: StepNumbers[] = []
  const evaluations: StepNumbers[] = []
  for await (const { step, evaluation, ...rest } of readMetrics(join(folder, METRICS))) {
    if (typeof evaluation === 'object' && evaluation !== null) evaluations.push(numbersOf(step, evaluation))
    else steps.push(numbersOf(step, rest))
  }
  return { steps, evaluations }
}

async function tellRollout(folder: string, step: number, doctor: Doctor): Promise<void> {
  const path = rolloutsPath(folder, step)
  if (existsSync(path)) doctor.rollout(await readRollout(path, step))
}

/** `findings.jsonl` of a run; a missing file has none. */
export async function readFindings(
  path: string,
): Promise<{ findings: Finding[]; rollback: Rollback | undefined }> {
  const findings: Finding[] = []
  let rollback: Rollback | undefined
  for await (const line of readMetrics(path)) {
    if (typeof line.learningRateFactor === 'number') rollback = line as unknown as Rollback
    else findings.push(line as unknown as Finding)
  }
  return { findings, rollback }
}

/** What rules need to know of a run's settings; undefined where it is no reinforcement. */
function courseSettings(config: JsonObject): CourseSettings | undefined {
  const section = [config, ...Object.values(config)].find(
    (group) => typeof group === 'object' && group !== null && 'minibatches' in group && 'maxTokens' in group,
  )
  return section && courseSettingsOf(section as Parameters<typeof courseSettingsOf>[0])
}

export const courseSettingsOf = ({
  minibatches,
  innerEpochs,
  maxTokens,
  staleness = 0,
  deadline = null,
  importanceCap = null,
}: {
  minibatches: number
  innerEpochs: number
  maxTokens: number
  staleness?: number
  deadline?: number | null
  importanceCap?: number | null
}): CourseSettings => ({
  updatesPerRollout: minibatches * innerEpochs,
  maxTokens,
  onPolicy: staleness === 0 && deadline === null && importanceCap === null,
})
