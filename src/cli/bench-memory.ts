/** `r1 bench memory`: the resident memory of fine-tuning a model of half a billion parameters. */
import { Command } from 'commander'
import { benchMemory } from '../bench/memory.ts'
import { formatNumber } from '../measures/format.ts'
import { positiveNumber } from './config-flags.ts'
import { printJson, printNote, printTable } from './output.ts'

interface MemoryFlags {
  length: number
  rank: number
  full?: boolean
  recompute: boolean
  chunks: boolean
  json?: boolean
}

export function benchMemoryCommand(): Command {
  return new Command('memory')
    .description("Measure the memory of updates of Qwen2.5-0.5B's shape (random weights, one row of tokens).")
    .option('--length <n>', 'tokens of the row', positiveNumber, 1024)
    .option('--rank <n>', 'of the LoRA adapters on all linear maps', positiveNumber, 16)
    .option('--full', 'train all parameters instead')
    .option('--no-recompute', 'keep all activations')
    .option('--no-chunks', 'compute all logits at once')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  r1 bench memory\n  r1 bench memory --no-recompute --length 512')
    .action(runBenchMemory)
}

async function runBenchMemory({ length, rank, full, recompute, chunks, json }: MemoryFlags): Promise<void> {
  const figures = await benchMemory(
    { length, rank: full ? 0 : rank, recompute, logitBytes: chunks ? 2 ** 27 : Number.MAX_SAFE_INTEGER },
    () => {
      if (!json) printNote('updated …')
    },
  )
  if (json) return printJson(figures)
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`
  printTable(
    [{ name: 'measure' }, { name: 'value', align: 'right' }],
    [
      ['parameters', formatNumber(figures.parameters, 9)],
      ['  trained', formatNumber(figures.trained, 9)],
      ['tokens an update', formatNumber(figures.length, 9)],
      ['memory before the first update', gigabytes(figures.startBytes)],
      ['peak memory of the process', gigabytes(figures.peakBytes)],
      ['second update', `${figures.secondsAnUpdate.toFixed(1)} s`],
    ],
  )
}
