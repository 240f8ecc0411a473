/** Every benchmark by the name given to `--benchmark`; a path to a data file is one too. */
import { ConfigError } from '../errors.ts'
import { suggestion } from '../settings/nearest.ts'
import { isDataFile } from '../tasks/file-rows.ts'
import type { Benchmark } from './benchmark.ts'
import { aiderPolyglot } from './benchmarks/aider-polyglot.ts'
import { aime2024 } from './benchmarks/aime-2024.ts'
import { alpacaEval } from './benchmarks/alpaca-eval.ts'
import { amc23 } from './benchmarks/amc-23.ts'
import { arenaHard } from './benchmarks/arena-hard.ts'
import { cEval } from './benchmarks/c-eval.ts'
import { clueWsc } from './benchmarks/cluewsc.ts'
import { cnmo2024 } from './benchmarks/cnmo-2024.ts'
import { codeforces } from './benchmarks/codeforces.ts'
import { countdown } from './benchmarks/countdown.ts'
import { drop } from './benchmarks/drop.ts'
import { fileBenchmark } from './benchmarks/file-benchmark.ts'
import { frames } from './benchmarks/frames.ts'
import { gpqaDiamond } from './benchmarks/gpqa-diamond.ts'
import { gsm8k } from './benchmarks/gsm8k.ts'
import { humaneval } from './benchmarks/humaneval.ts'
import { ifeval } from './benchmarks/ifeval.ts'
import { liveCodeBench } from './benchmarks/livecodebench.ts'
import { math500 } from './benchmarks/math-500.ts'
import { mbpp } from './benchmarks/mbpp.ts'
import { mmlu } from './benchmarks/mmlu.ts'
import { mmluPro } from './benchmarks/mmlu-pro.ts'
import { mmluRedux } from './benchmarks/mmlu-redux.ts'
import { pocketBenchmarks } from './benchmarks/pocket.ts'
import { chineseSimpleQa, simpleQa } from './benchmarks/simpleqa.ts'
import { sweBenchVerified } from './benchmarks/swe-bench-verified.ts'
import { wordProblemBenchmarks } from './benchmarks/word-problems.ts'

export const BENCHMARKS: readonly Benchmark[] = [
  aime2024,
  amc23,
  cnmo2024,
  math500,
  gsm8k,
  mmlu,
  mmluRedux,
  mmluPro,
  gpqaDiamond,
  cEval,
  clueWsc,
  drop,
  simpleQa,
  chineseSimpleQa,
  frames,
  alpacaEval,
  arenaHard,
  humaneval,
  mbpp,
  liveCodeBench,
  codeforces,
  sweBenchVerified,
  aiderPolyglot,
  ifeval,
  countdown,
  ...pocketBenchmarks,
  ...wordProblemBenchmarks,
]

/** The benchmark of this name, or the file at this path as one; then `dataFile` is the path. */
export function findBenchmark(nameOrPath: string): { benchmark: Benchmark; dataFile?: string } {
  const benchmark = BENCHMARKS.find(({ name }) => name === nameOrPath)
  if (benchmark !== undefined) return { benchmark }
  if (isDataFile(nameOrPath)) return { benchmark: fileBenchmark(nameOrPath), dataFile: nameOrPath }
  const names = BENCHMARKS.map(({ name }) => name)
  throw new ConfigError('no such benchmark.', {
    field: '--benchmark',
    value: nameOrPath,
    expected: `a data file (.jsonl, .json, .parquet, .csv) or one of ${names.join(', ')}`,
    ...suggestion(nameOrPath, names),
  })
}
