/** `r1 bench`: what the embedded engine reaches on this machine, beside this machine's own ceiling. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { benchEngine, type EngineFigures } from '../bench/engine.ts'
import { ConfigError } from '../errors.ts'
import { formatNumber, percent } from '../report/format.ts'
import { benchMemoryCommand } from './bench-memory.ts'
import { benchServeCommand } from './bench-serve.ts'
import { positiveNumber } from './config-flags.ts'
import { printJson, printNote, printTable } from './output.ts'

interface BenchFlags {
  rounds: number
  json?: boolean
  peer?: string
}

interface PeerFigures {
  torch: string
  float32: { gflops: number }
  bfloat16: { gflops: number }
}

export function benchCommand(): Command {
  return new Command('bench')
    .description("Measure training, decoding and a GRPO step against this machine's ceiling.")
    .option('--rounds <n>', 'rounds to take the best of', positiveNumber, 12)
    .option('--peer <python>', 'a Python with torch, to run the same training step beside ours')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 bench\n  r1 bench --peer venv/bin/python --json\n  r1 bench serve --seconds 10\n  r1 bench memory',
    )
    .action(runBench)
    .addCommand(benchServeCommand())
    .addCommand(benchMemoryCommand())
}

async function runBench({ rounds, json = false, peer }: BenchFlags): Promise<void> {
  const note = (text: string) => {
    if (!json) printNote(text)
  }
  const figures = await benchEngine(rounds, note)
  if (peer !== undefined) note('PyTorch …')
  const peers = peer === undefined ? undefined : await pytorch(peer)
  if (json) return printJson(peers === undefined ? figures : { ...figures, peers })
  print(figures, peers)
}

function print({ ceilingGflops, train, decode, grpoStep }: EngineFigures, peers?: PeerFigures): void {
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
    ],
  )
}

/** The same step in PyTorch, by tools/torch_peer.py. */
async function pytorch(python: string): Promise<PeerFigures> {
  const script = fileURLToPath(new URL('../../tools/torch_peer.py', import.meta.url))
  if (!existsSync(script))
    throw new ConfigError('the peer script is only in a checkout of the repository.', { field: '--peer' })
  const child = spawn(python, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(
        new ConfigError('cannot be run.', {
          field: '--peer',
          value: python,
          expected: 'a Python with torch',
          cause,
        }),
      ),
    )
    child.on('close', resolve)
  })
  if (code !== 0)
    throw new ConfigError('the peer script failed.', {
      field: '--peer',
      value: python,
      expected: 'a Python with torch',
    })
  return JSON.parse(output) as PeerFigures
}
