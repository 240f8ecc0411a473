/** Held-out word problems, generated: made here, so no file is needed. */
import { mathematics } from '../../tasks/mathematics.ts'
import { WORD_PROBLEMS } from '../../tasks/word-problems.ts'
import { type Benchmark, paperSettings } from '../benchmark.ts'

const HELD_OUT = 512
const TITLES: Record<string, string> = {
  'word-problems': 'Word problems of one or two steps, held out',
  'one-step-problems': 'Word problems of one step, held out',
}

export const wordProblemBenchmarks: readonly Benchmark[] = Object.entries(WORD_PROBLEMS).map(
  ([name, task]) => ({
    name,
    title: TITLES[name] ?? name,
    settings: paperSettings(4),
    data: null,
    load: async () => task.heldOut(HELD_OUT).questions,
    ...mathematics,
  }),
)
