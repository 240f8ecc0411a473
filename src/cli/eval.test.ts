import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { evalCommand } from './eval.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-eval-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'train.jsonl')
writeFileSync(file, '{"question": "1 + 1?", "answer": 2}\n')

it.each<[string[], RegExp]>([
  [['--benchmark', 'nofile.jsonl'], /^--benchmark is "nofile\.jsonl": there is no such file/],
  [
    ['--benchmark', file, '--data', 'other.jsonl'],
    /^--data is "other\.jsonl": the benchmark is a file already/,
  ],
  [['--benchmark', 'aime2024'], /^--benchmark is "aime2024": .* Did you mean aime-2024\?/],
  [
    ['--benchmark', file, '--endpoint', 'localhost:1', '--api-model', 'm'],
    /^--endpoint is "localhost:1": not an address/,
  ],
])('refuses %j', async (args, message) => {
  const asked = args.includes('--endpoint') ? args : ['pocket-base', ...args]
  await expect(evalCommand().parseAsync(asked, { from: 'user' })).rejects.toThrow(message)
})
