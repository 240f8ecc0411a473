/** A stage's judge: open while the stage runs, its replies in the stage's folder. */
import { join } from 'node:path'
import type { JsonObject } from '../disk/jsonl.ts'
import type { SamplingSettings } from '../responders/responder.ts'
import { type JudgeConfig, type OpenedJudge, openServerJudge } from '../responders/server-judge.ts'
import type { RunContext } from './pipeline.ts'

/** `work` gets no judge where the settings name none; else its result says how often the judge was asked in this session. */
export async function withJudge(
  config: JudgeConfig,
  { run, seed, signal }: RunContext,
  work: (judge: OpenedJudge | undefined) => Promise<JsonObject | undefined>,
  sampling?: SamplingSettings,
): Promise<JsonObject | undefined> {
  const judge = await openServerJudge(config, join(run.folder, 'judge'), { seed, sampling, signal })
  try {
    const result = await work(judge)
    return result && { ...result, ...(judge && { judge: judge.counts() }) }
  } finally {
    judge?.close()
  }
}
