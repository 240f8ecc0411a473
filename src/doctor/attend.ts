/** The doctor beside a run that trains: what it finds goes into the run's folder and to whoever listens. */
import type { JsonObject } from '../disk/jsonl.ts'
import type { Group } from '../rollout/rollout.ts'
import type { Run } from '../run/folder.ts'
import { numbersOf } from '../run/metrics.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import type { CourseSettings } from './course.ts'
import { openDoctor } from './examine.ts'
import { returnToRun } from './read-run.ts'
import { seenGroups } from './rollout-rows.ts'
import type { Finding } from './rule.ts'
import { checkVerifier } from './verifier-check.ts'

export interface Attendance {
  /** Before the first step. */
  checkTask(question: (index: number) => AskedQuestion): Promise<Finding[]>
  step(step: number, metrics: object): void
  evaluation(step: number, figures: object): void
  /** A rollout's updates are done, and what is measured after them. */
  rollout(step: number, groups: readonly Group[]): void
  look(): Finding[]
  /** Forgets all but what is in the run's folder: the run has returned to a checkpoint. */
  reopen(): Promise<void>
}

export interface AttendOptions {
  off?: readonly string[]
  /** Told of illnesses, and of no notes. */
  onFinding?: ((finding: Finding) => void) | undefined
}

/** At a run that continues, the doctor knows what happened before. */
export async function attendRun(
  run: Pick<Run, 'folder' | 'logFinding'>,
  settings: CourseSettings,
  { off = [], onFinding }: AttendOptions,
): Promise<Attendance> {
  const open = async () =>
    run.folder === '' ? openDoctor(settings, { off }) : await returnToRun(run.folder, settings, off)
  let doctor = await open()
  const told = (findings: Finding[]) => {
    for (const finding of findings) {
      run.logFinding({ ...finding } as JsonObject & Finding)
      if (!finding.note) onFinding?.(finding)
    }
    return findings
  }
  return {
    checkTask: async (question) => (off.includes('verifier') ? [] : told(await checkVerifier(question))),
    step: (step, metrics) => doctor.step(numbersOf(step, metrics)),
    evaluation: (step, figures) => doctor.evaluation(numbersOf(step, figures)),
    rollout: (step, groups) => doctor.rollout({ step, groups: seenGroups(groups) }),
    look: () => told(doctor.look()),
    async reopen() {
      doctor = await open()
    },
  }
}
