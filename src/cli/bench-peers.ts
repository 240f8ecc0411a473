/** Other programs at the same work, for `r1 bench --peer`: PyTorch in a Python, llama.cpp where node-llama-cpp is. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promptTokens, REAL, writeRealGguf } from '../bench/real-model.ts'
import { ConfigError } from '../errors.ts'

interface Precisions {
  float32: { gflops: number }
  bfloat16: { gflops: number }
}

export interface TorchFigures extends Precisions {
  torch: string
  /** SmolLM2-135M's shape; null where the Python has no transformers. */
  real: (Precisions & { transformers: string }) | null
}

export interface LlamaCppFigures {
  llamaCpp: string
  /** By the number of sequences that decode together. */
  tokensPerSecond: Record<number, number>
}

/** The training steps, by tools/torch_peer.py. */
export const torchFigures = (python: string): Promise<TorchFigures> =>
  peer<TorchFigures>(python, [tool('torch_peer.py')], 'a Python with torch')

/** Decoding, by tools/llama-cpp-peer.mjs; undefined where this folder has no node-llama-cpp. */
export async function llamaCppFigures(rounds: number): Promise<LlamaCppFigures | undefined> {
  const found = createRequire(resolve('package.json')).resolve.paths('node-llama-cpp')
  const modules = found?.find((folder) => existsSync(join(folder, 'node-llama-cpp')))
  if (modules === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'r1-bench-'))
  try {
    const path = join(folder, 'model.gguf')
    await writeRealGguf(path)
    const { promptLength, newTokens: count } = REAL
    const asked = { path, prompt: Array.from(promptTokens(promptLength)), count, batches: [1, 16], rounds }
    const script = tool('llama-cpp-peer.mjs')
    return await peer(
      process.execPath,
      [script, join(modules, '..'), JSON.stringify(asked)],
      'node-llama-cpp',
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

function tool(name: string): string {
  const script = fileURLToPath(new URL(`../../tools/${name}`, import.meta.url))
  if (!existsSync(script))
    throw new ConfigError('the peer scripts are only in a checkout of the repository.', { field: '--peer' })
  return script
}

/** Runs a peer, which prints one JSON object. */
async function peer<Figures>(program: string, args: string[], expected: string): Promise<Figures> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const wrong = (message: string, cause?: unknown) =>
    new ConfigError(message, { field: '--peer', value: program, expected, cause })
  const code = await new Promise<number | null>((done, reject) => {
    child.on('error', (cause) => reject(wrong('cannot be run.', cause)))
    child.on('close', done)
  })
  if (code !== 0) throw wrong('the peer script failed.')
  return JSON.parse(output) as Figures
}
