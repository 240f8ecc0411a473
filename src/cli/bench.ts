/** `r1 bench`: what the embedded engine reaches on this machine, beside this machine's own ceiling. */
import { Command } from 'commander'
import { benchEngine, type EngineFigures } from '../bench/engine.ts'
import { benchGpu, GPU_SHAPES, gpuBenchOptions } from '../bench/gpu.ts'
import { gpuRows } from '../bench/gpu-table.ts'
import { benchRealModel, type Rate, type RealModelFigures } from '../bench/real-model.ts'
import { openGpu } from '../loading/device.ts'
import { formatNumber, percent } from '../measures/format.ts'
import { benchMemoryCommand } from './bench-memory.ts'
import { type LlamaCppFigures, llamaCppFigures, type TorchFigures, torchFigures } from './bench-peers.ts'
import { benchServeCommand } from './bench-serve.ts'
import { positiveNumber } from './config-flags.ts'
import { printJson, printNote, printTable } from './output.ts'

interface BenchFlags {
  rounds: number
  json?: boolean
  peer?: string
  shapes?: string
}

interface PeerFigures extends TorchFigures {
  llamaCpp?: LlamaCppFigures
}

export function benchCommand(): Command {
  return new Command('bench')
    .description("Measure training, decoding and a GRPO step against this machine's ceiling.")
    .option('--rounds <n>', 'rounds to take the best of', positiveNumber, 12)
    .option(
      '--peer <python>',
      'a Python with torch and transformers to compare with; also compares llama.cpp if node-llama-cpp is installed here',
    )
    .option('--shapes <names>', `on a GPU: which of ${GPU_SHAPES.join(', ')}, separated by commas`)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 bench\n  r1 bench --peer venv/bin/python --json\n  r1 bench --device webgpu\n  r1 bench serve --seconds 10\n  r1 bench memory',
    )
    .action(runBench)
    .addCommand(benchServeCommand())
    .addCommand(benchMemoryCommand())
}

async function runBench({ rounds, json = false, peer, shapes }: BenchFlags): Promise<void> {
  const note = (text: string) => {
    if (!json) printNote(text)
  }
  const gpu = await openGpu()
  if (gpu !== undefined) {
    const figures = await benchGpu(gpu, {
      ...gpuBenchOptions(gpu, shapes),
      ...{ rounds: Math.ceil(rounds / 4), note },
    })
    gpu.close()
    if (json) return printJson(figures)
    return printTable([{ name: 'measure' }, { name: 'value', align: 'right' }], gpuRows(figures))
  }
  const figures = await benchEngine(rounds, note)
  note("SmolLM2-135M's shape …")
  const few = Math.ceil(rounds / 4)
  const real = await benchRealModel(few)
  const peers = peer === undefined ? undefined : await benchPeers(peer, few, note)
  if (json) return printJson({ ...figures, real, ...(peers && { peers }) })
  print(figures, real, peers)
}

async function benchPeers(
  python: string,
  rounds: number,
  note: (text: string) => void,
): Promise<PeerFigures> {
  note('PyTorch …')
  const torch = await torchFigures(python)
  note('llama.cpp …')
  const llamaCpp = await llamaCppFigures(rounds)
  if (llamaCpp === undefined)
    note('Not here. To have it measured: npm install --no-save --ignore-scripts node-llama-cpp (700 MB)')
  return { ...torch, ...(llamaCpp && { llamaCpp }) }
}

function print(
  { ceilingGflops, train, decode, grpoStep }: EngineFigures,
  real: RealModelFigures,
  peers?: PeerFigures,
): void {
  const number = (value: number) => formatNumber(Math.round(value), 9)
  printTable(
    [{ name: 'measure' }, { name: 'value', align: 'right' }],
    [
      ['matrix product 1024³ (ceiling)', `${number(ceilingGflops)} GFLOP/s`],
      ['training step, 3.2M parameters', `${number(train.gflops)} GFLOP/s`],
      ['  share of the ceiling', percent(train.shareOfCeiling)],
      ['  tokens a second', number(train.tokensPerSecond)],
      ...(peers === undefined
        ? []
        : [
            [`  PyTorch ${peers.torch} eager float32`, `${number(peers.float32.gflops)} GFLOP/s`],
            ['    ours is faster by', `${(train.gflops / peers.float32.gflops).toFixed(2)} times`],
            [`  PyTorch ${peers.torch} bfloat16`, `${number(peers.bfloat16.gflops)} GFLOP/s`],
          ]),
      [
        `decoding, batch ${decode.batch}, context ${decode.context}`,
        `${number(decode.tokensPerSecond)} tokens/s`,
      ],
      ['GRPO step of the pocket recipe', `${grpoStep.seconds.toFixed(1)} s`],
      ['  sampling', percent(grpoStep.sampleShare)],
      ['  scoring', percent(grpoStep.scoreShare)],
      ['  training', percent(grpoStep.trainShare)],
      ...realRows(real, ceilingGflops, peers),
    ],
  )
}

function realRows(
  { train, decode, decodeInt8 }: RealModelFigures,
  ceiling: number,
  peers?: PeerFigures,
): string[][] {
  const speed = (tokensPerSecond: number, gflops?: number) =>
    `${formatNumber(Math.round(tokensPerSecond), 9)} tokens/s${gflops === undefined ? '' : `, ${percent(gflops / ceiling)}`}`
  const shown = ({ tokensPerSecond, gflops }: Rate) => speed(tokensPerSecond, gflops)
  const perToken = train.gflops / train.tokensPerSecond
  const { real, llamaCpp } = peers ?? {}
  const torch = (name: 'float32' | 'bfloat16') => speed(real![name].gflops / perToken, real![name].gflops)
  return [
    ["training step, SmolLM2-135M's shape", shown(train)],
    ...(real
      ? [
          [`  transformers ${real.transformers} float32`, torch('float32')],
          [`  transformers ${real.transformers} bfloat16`, torch('bfloat16')],
        ]
      : []),
    ...Object.entries(decode).flatMap(([batch, rate]) => [
      [`decoding, the same shape, batch ${batch}`, shown(rate)],
      ...(decodeInt8 ? [['  in int8', shown(decodeInt8[Number(batch)]!)]] : []),
      ...(llamaCpp?.tokensPerSecond[Number(batch)] === undefined
        ? []
        : [
            [
              `  llama.cpp ${llamaCpp.llamaCpp}, the same file`,
              speed(llamaCpp.tokensPerSecond[Number(batch)]!),
            ],
          ]),
    ]),
  ]
}
