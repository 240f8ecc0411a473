/** What one keeps of a tab: the model as a folder of Hugging Face's, or the run as a folder that `r1 dashboard` opens. */
import { strToU8, type Zippable, zipSync } from 'fflate'
import { version } from '../../../package.json'
import type { RunInfo } from '../../../src/run/folder.ts'
import type { FileMap } from './memory-files.ts'
import type { RunRecord } from './saved-run.ts'
import { grpoSettings } from './settings.ts'

export interface Kept {
  name: string
  zip: Uint8Array<ArrayBuffer>
}

const MODEL = 'r1-zero-tab-model'
const RUN = 'r1-zero-tab'

export const modelZip = (model: FileMap): Kept => zipped(MODEL, Object.fromEntries(model))

export function runZip(record: RunRecord, rollouts: ReadonlyMap<number, string>, model: FileMap): Kept {
  const { created, settings, steps, measured, reward, step } = record
  const { accuracy, format, seed } = settings
  const info: RunInfo = {
    recipe: 'r1-zero',
    version,
    seed,
    created,
    config: {
      ...{ seed, model: 'pocket-base', task: 'pocket-countdown' },
      rewards: { accuracy, format, ...(reward !== undefined && { file: './reward.ts' }) },
      grpo: { ...grpoSettings(settings) },
      evaluation: { questions: settings.heldOut, samples: 2, temperature: 0.6, topP: 0.95 },
    },
    sources: {},
    made: { machine: navigator.userAgent },
  }
  const evaluations = measured.map(({ step: at, pass1, meanTokens, formatShare }) => ({
    step: at,
    evaluation: { pass1, meanTokens, formatShare },
  }))
  // The order of their steps, a step before its evaluation.
  const metrics = [...steps.map((one) => ({ step: one.step, ...one.metrics })), ...evaluations].sort(
    (a, b) => a.step - b.step,
  )
  return zipped(RUN, {
    'config.json': strToU8(`${JSON.stringify(info, null, 2)}\n`),
    'metrics.jsonl': lines(metrics),
    'timing.jsonl': lines(steps.map((one) => ({ step: one.step, ...one.timing }))),
    ...Object.fromEntries(
      [...rollouts].map(([at, rows]) => [`rollouts/${String(at).padStart(6, '0')}.jsonl`, strToU8(rows)]),
    ),
    ...Object.fromEntries([...model].map(([name, bytes]) => [`model/${name}`, bytes])),
    ...(reward !== undefined && { 'reward.ts': strToU8(reward) }),
    ...(step >= settings.steps && { 'finished.json': strToU8(`${JSON.stringify({ steps: step })}\n`) }),
  })
}

const lines = (values: readonly object[]) =>
  strToU8(values.map((value) => `${JSON.stringify(value)}\n`).join(''))

/** Weights hardly shrink, so they are stored as they are. */
function zipped(folder: string, files: Record<string, Uint8Array>): Kept {
  const entries = Object.entries(files).map(([name, bytes]): [string, Zippable[string]] => [
    `${folder}/${name}`,
    [bytes, { level: name.endsWith('.safetensors') ? 0 : 6 }],
  ])
  return { name: `${folder}.zip`, zip: zipSync(Object.fromEntries(entries)) as Uint8Array<ArrayBuffer> }
}
