/** The fields of `r1 eval --json`, in the order in which tables show them. */
import { formatNumber, percent } from './format.ts'
import type { Measure } from './tables.ts'

/** `samples` is the k of pass@k and cons@k. */
export function evaluationMeasures(samples?: number): Measure[] {
  const k = samples ?? 'k'
  return [
    { key: 'pass1', label: 'pass@1', format: (value) => percent(value) },
    { key: 'passK', label: `pass@${k}`, format: (value) => percent(value) },
    { key: 'consK', label: `cons@${k}`, format: (value) => percent(value) },
    { key: 'greedy', label: 'greedy', format: (value) => percent(value) },
    { key: 'meanTokens', label: 'mean tokens', format: (value) => formatNumber(value) },
    { key: 'formatShare', label: 'valid format', format: (value) => percent(value) },
    { key: 'reflectionWords', label: 'reflection words a response', format: (value) => value.toFixed(2) },
    { key: 'mixedLanguageShare', label: 'mixed languages', format: (value) => percent(value) },
    { key: 'truncatedShare', label: 'truncated', format: (value) => percent(value) },
  ]
}
