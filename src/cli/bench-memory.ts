/** `r1 bench memory`: the resident memory of fine-tuning a model of half a billion parameters. */
import { Command, Option } from 'commander'
import { type DeviceMemory, deviceMemory, MEMORY_SHAPES } from '../bench/device-memory.ts'
import { benchMemory } from '../bench/memory.ts'
import { LOGIT_BYTES } from '../engine/embedded/train-step.ts'
import { PACKED, type Packed } from '../graph/packed.ts'
import type { Device } from '../loading/device.ts'
import { formatNumber } from '../measures/format.ts'
import { positiveNumber } from './config-flags.ts'
import { printJson, printNote, printTable } from './output.ts'

interface MemoryFlags {
  length: number
  rank: number
  full?: boolean
  recompute: boolean
  chunks: boolean
  shape: keyof typeof MEMORY_SHAPES
  frozen: 'float32' | Packed
  json?: boolean
}

export function benchMemoryCommand(): Command {
  return new Command('memory')
    .description(
      "Measure the memory of updates of Qwen2.5-0.5B's shape (random weights, one row of tokens). On a GPU it is counted from the plans, and nothing is run.",
    )
    .option('--length <n>', 'tokens of the row', positiveNumber, 1024)
    .option('--rank <n>', 'of the LoRA adapters on all linear maps', positiveNumber, 16)
    .option('--full', 'train all parameters instead')
    .option('--no-recompute', 'keep all activations')
    .option('--no-chunks', 'compute all logits at once')
    .addOption(
      new Option('--shape <name>', 'on a GPU: parameters of the model')
        .choices(Object.keys(MEMORY_SHAPES))
        .default('0.5B'),
    )
    .addOption(
      new Option('--frozen <type>', 'on a GPU: how matrices beside adapters are kept')
        .choices(['float32', ...Object.keys(PACKED)])
        .default('float32'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 bench memory\n  r1 bench memory --no-recompute --length 512\n  r1 bench memory --device webgpu --shape 1.5B --frozen float16',
    )
    .action(runBenchMemory)
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`

async function runBenchMemory(
  { length, rank, full, recompute, chunks, json, shape, frozen }: MemoryFlags,
  command: Command,
): Promise<void> {
  const options = {
    ...{ length, rank: full ? 0 : rank, recompute },
    logitBytes: chunks ? LOGIT_BYTES : Number.MAX_SAFE_INTEGER,
  }
  if (command.opts<{ device: Device }>().device !== 'cpu') {
    const planned = deviceMemory({ ...options, shape, frozen, ...DECODED })
    return json ? printJson(planned) : printPlanned(planned)
  }
  const figures = await benchMemory(options, () => {
    if (!json) printNote('updated …')
  })
  if (json) return printJson(figures)
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

/** Sequences that decode together, and positions of their caches. */
const DECODED = { slots: 16, capacity: 1024 }

function printPlanned(planned: DeviceMemory): void {
  const { slots, capacity } = planned
  printTable(
    [{ name: 'measure' }, { name: 'value', align: 'right' }],
    [
      ['parameters', millions(planned.parameters)],
      ['  trained', millions(planned.trained)],
      [`weights in ${planned.frozen}`, gigabytes(planned.weights)],
      ['gradient, moments, adapters', gigabytes(planned.training)],
      [`cache, ${slots} sequences of ${capacity} tokens`, gigabytes(planned.cache)],
      [`activations, ${planned.length} tokens an update`, gigabytes(planned.activations)],
      ['in all', gigabytes(planned.total)],
    ],
  )
}

const millions = (count: number) => `${formatNumber(Math.round(count / 1e6), 9)} million`
