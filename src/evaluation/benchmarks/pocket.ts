/** The held-out problems of the pocket world: made here, so no file is needed. */
import { type PocketFamilyName, pocketHeldOut, pocketTask } from '../../tasks/pocket/task.ts'
import { type Benchmark, paperSettings } from '../benchmark.ts'

const HELD_OUT = 256

const pocketBenchmark = (family: PocketFamilyName, title: string): Benchmark => {
  const { name, verify, equivalent } = pocketTask(family)
  return {
    name,
    title,
    settings: paperSettings(16),
    data: null,
    load: async () => pocketHeldOut(family, HELD_OUT).questions,
    verify,
    ...(equivalent && { equivalent }),
  }
}

export const pocketBenchmarks: readonly Benchmark[] = [
  pocketBenchmark('countdown', 'Pocket Countdown, held out'),
  pocketBenchmark('arithmetic', 'Pocket arithmetic, held out'),
  pocketBenchmark('equation', 'Pocket equations, held out'),
]
