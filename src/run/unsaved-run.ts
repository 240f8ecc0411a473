/** A run that leaves nothing behind: for training whose steps and figures go to the caller alone. */
import type { Run } from './folder.ts'
import { packageVersion } from './version.ts'

/** `folder` is empty: there is none. */
export function unsavedRun(recipe: string, seed: number): Run {
  const created = new Date().toISOString()
  return {
    folder: '',
    info: { recipe, version: packageVersion(), seed, created, config: {}, sources: {} },
    log() {},
    logTiming() {},
    logFinding() {},
    close() {},
    readEvaluation: () => undefined,
    async logClosing() {},
    async writeRollouts() {},
    async writeEvaluation() {},
    async writeResponses() {},
    async discardEvaluations() {},
    async saveModel() {},
    async saveCheckpoint() {},
    resume: async () => ({ checkpoint: undefined, skipped: [] }),
    async finish() {},
  }
}
