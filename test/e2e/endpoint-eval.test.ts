/**
 * `r1 eval` as a user runs it, against a server that answers right, wrong, slowly, and only after 429, 500, cut
 * streams, malformed JSON and resets: exact figures, nothing lost, nothing asked twice, a killed run resumed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EvaluationResult } from '../../src/evaluation/result.ts'
import {
  type ChatBody,
  type Fault,
  keyOf,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../scripted-openai-server.ts'

const R1 = fileURLToPath(new URL('../../bin/r1.mjs', import.meta.url))
const FAULTS: Fault[][] = [
  [],
  ['rate limit'],
  [],
  ['server error'],
  ['cut stream'],
  [],
  ['malformed json'],
  ['error chunk', 'reset'],
]

interface Problem {
  text: string
  gold: number
}

/** Sums of our own, in the form and the number of AIME 2024 and of a part of GSM8K. */
const aime = Array.from(
  { length: 30 },
  (_, i): Problem => ({ text: `Find $${i + 3} + ${2 * i + 4}$.`, gold: 3 * i + 7 }),
)
const gsm = Array.from(
  { length: 200 },
  (_, i): Problem => ({
    text: `Ann has ${i} apples and buys ${i + 2}. How many has she now?`,
    gold: 2 * i + 2,
  }),
)

/** A data folder with both sets. */
function writeData(): string {
  const path = mkdtempSync(join(tmpdir(), 'r1-eval-data-'))
  const write = (name: string, rows: object[]) =>
    writeFileSync(join(path, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  write(
    'aime24.jsonl',
    aime.map(({ text, gold }, id) => ({ id, problem: text, answer: String(gold) })),
  )
  write(
    'gsm8k-test.jsonl',
    gsm.map(({ text, gold }) => ({ question: text, answer: `They are ${gold}.\n#### ${gold}` })),
  )
  return path
}
const DATA = writeData()

/** What the server says to the rank-th response to the i-th problem, whatever order they are asked in. */
function aimeScript(i: number, rank: number, { gold }: Problem): Script {
  const right = i % 3 === 0 || (i % 3 === 1 && rank < 2)
  const answer = right ? (rank === 1 ? `\\frac{${2 * gold}}{2}` : String(gold)) : String(gold + 1 + rank)
  const cut = i % 3 === 2 && rank === 0
  return {
    faults: FAULTS[(3 * i + rank) % FAULTS.length]!,
    thinking: 'Wait, let me check.',
    text: cut ? '' : `So the answer is $\\boxed{${answer}}$.`,
    tokens: 100 + i,
    thinkingTokens: 60 + i,
    finish: cut ? 'length' : 'stop',
    delay: i % 5 === 0 ? 40 : 0,
  }
}

function gsmScript(i: number, { gold }: Problem): Script {
  const thinks = i % 2 === 0
  const answer = i % 4 === 3 ? gold + 1 : gold
  return {
    faults: FAULTS[i % FAULTS.length]!,
    text: `${thinks ? '<think>\nCount them.\n</think>\n\n' : ''}The total is \\boxed{${answer}}.`,
    tokens: 10,
    delay: 120,
  }
}

interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

function run(
  args: string[],
  env: Record<string, string> = {},
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [R1, 'eval', ...args], {
    env: { ...process.env, R1_DATA: DATA, OPENAI_API_KEY: 'none', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const finished = new Promise<Finished>((done) => {
    let stdout = ''
    let stderr = ''
    child.stdout!.on('data', (data) => (stdout += String(data)))
    child.stderr!.on('data', (data) => (stderr += String(data)))
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
  return { child, finished }
}

const result = ({ stdout }: Finished) => JSON.parse(stdout) as EvaluationResult
const folder = () => mkdtempSync(join(tmpdir(), 'r1-eval-'))

describe('r1 eval --endpoint', () => {
  let server: ScriptedServer
  const seedsOf = new Map<string, number[]>()

  beforeAll(async () => {
    const indexOf = new Map([...aime, ...gsm].map(({ text }, i) => [text, i]))
    server = await startScriptedServer((body: ChatBody) => {
      const { content } = body.messages[0]!
      const i = indexOf.get(content.slice(0, content.lastIndexOf('\n')))!
      if (i >= aime.length) return gsmScript(i - aime.length, gsm[i - aime.length]!)
      const seeds = seedsOf.get(content) ?? []
      seedsOf.set(content, seeds)
      if (!seeds.includes(body.seed)) seeds.push(body.seed)
      return aimeScript(i, seeds.indexOf(body.seed), aime[i]!)
    })
  })
  afterAll(async () => {
    await server.close()
    rmSync(DATA, { recursive: true })
  })

  const common = () => ['--endpoint', server.url, '--api-model', 'scripted', '--json', '--concurrency', '32']

  it('AIME 2024, k = 3: the figures are exact, every response counts once', async () => {
    const output = folder()
    const before = server.requests.length
    const finished = await run(['--benchmark', 'aime-2024', '-k', '3', '-o', output, ...common()]).finished
    expect(finished.stderr).not.toContain('Error')
    expect(finished.code).toBe(0)
    const figures = result(finished)
    expect(figures).toMatchObject({
      benchmark: 'aime-2024',
      n: 30,
      samples: 3,
      responses: 90,
      failed: 0,
      cached: 0,
      consK: 20 / 30,
      passK: 20 / 30,
      truncatedShare: 10 / 90,
      formatShare: 80 / 90,
      answeredShare: 80 / 90,
      meanTokens: 114.5,
      meanThinkingTokens: 74.5,
      reflectionWords: 2,
    })
    expect(figures.pass1).toBeCloseTo((10 + 10 * (2 / 3)) / 30, 12)
    expect(figures.pass1Interval!.low).toBeLessThan(figures.pass1!)
    expect(figures.pass1Interval!.high).toBeGreaterThan(figures.pass1!)
    expect(figures.paper).toEqual([
      { row: 'AIME 2024', ours: figures.pass1! * 100 },
      { row: 'AIME 2024 cons@64', ours: null },
    ])

    const asked = server.requests.slice(before)
    const faults = Array.from({ length: 90 }, (_, n) => FAULTS[n % FAULTS.length]!.length)
    expect(asked).toHaveLength(90 + faults.reduce((sum, count) => sum + count, 0))
    expect(asked.every((body) => server.answered.get(keyOf(body)) === 1)).toBe(true)
    expect(asked[0]).toMatchObject({ model: 'scripted', temperature: 0.6, top_p: 0.95, max_tokens: 32_768 })

    const files = readdirSync(output).filter((name) => name !== 'responses')
    expect(files).toContain('figure.svg')
    expect(files.filter((name) => name.startsWith('aime-2024.scripted-at-127.0.0.1'))).toHaveLength(3)
    const markdown = readFileSync(join(output, files.find((name) => name.endsWith('.md'))!), 'utf8')
    expect(markdown).toContain('| this model | DeepSeek-R1 (v1, v2) |')
    expect(markdown).toContain('| 55.6 | 79.8 |')
    expect(readFileSync(join(output, 'figure.svg'), 'utf8')).toContain('>55.6<')
  })

  it('200 GSM8K problems: a killed run asks only for what is missing', async () => {
    const output = folder()
    const args = ['--benchmark', 'gsm8k', '-k', '1', '--limit', '200', '-o', output, ...common()]
    const before = server.requests.length
    const first = run(args)
    const cache = () => {
      const responses = join(output, 'responses')
      const [name] = existsSync(responses) ? readdirSync(responses) : []
      return name === undefined ? null : join(responses, name)
    }
    const lines = () => (cache() === null ? 0 : readFileSync(cache()!, 'utf8').split('\n').length - 1)
    while (lines() < 60) await new Promise((passed) => setTimeout(passed, 5))
    first.child.kill('SIGKILL')
    expect((await first.finished).code).toBeNull()

    const kept = readFileSync(cache()!, 'utf8')
    expect(kept.endsWith('\n')).toBe(true)
    truncateSync(cache()!, Buffer.byteLength(kept) - 7)
    const whole = kept.split('\n').length - 2
    expect(whole).toBeGreaterThan(50)
    expect(whole).toBeLessThan(200)

    const between = server.requests.length
    const second = await run(args).finished
    expect(second.code).toBe(0)
    expect(result(second)).toMatchObject({
      n: 200,
      samples: 1,
      responses: 200,
      failed: 0,
      cached: whole,
      pass1: 0.75,
      passK: 0.75,
      consK: 0.75,
      formatShare: 0.5,
      meanTokens: 10,
      truncatedShare: 0,
    })
    expect(new Set(server.requests.slice(between).map(keyOf)).size).toBe(200 - whole)
    expect(new Set(server.requests.slice(before).map(keyOf)).size).toBe(200)

    const settled = server.requests.length
    const third = await run(args).finished
    expect(result(third)).toEqual({ ...result(second), cached: 200 })
    expect(server.requests).toHaveLength(settled)
  })

  it('mistakes end with 2, one sentence and a remedy; a model that stops answering with 1', async () => {
    const refusing = await startScriptedServer(({ seed }) => ({
      faults: seed % 2 === 0 ? Array.from({ length: 9 }, (): Fault => 'rate limit') : [],
      text: '\\boxed{1}',
      tokens: 1,
    }))
    const cases = await Promise.all([
      run(['--benchmark', 'aime-2025', ...common()]).finished,
      run(['--benchmark', 'gpqa-diamond', ...common()]).finished,
      run(['--benchmark', 'aime-2024', '-o', folder(), ...common(), '--endpoint', 'http://127.0.0.1:9/v1'])
        .finished,
      run([
        '--benchmark',
        'aime-2024',
        '-k',
        '2',
        '-o',
        folder(),
        ...common(),
        '--endpoint',
        refusing.url,
        '--retries',
        '2',
      ]).finished,
    ])
    await refusing.close()
    expect(cases.map(({ code }) => code)).toEqual([2, 2, 2, 1])
    const [benchmark, data, address, failing] = cases.map(({ stderr }) => stderr)
    expect(benchmark).toMatch(/--benchmark is "aime-2025": no such benchmark\. Expected .*aime-2024/)
    expect(data).toMatch(/do not come with this project.*Give the file with --data/)
    expect(address).toMatch(/127\.0\.0\.1:9.*Check that the server runs/)
    expect(failing).toMatch(/responses could not be had \(the first: 429.*asks for them again/)
    expect(cases.every(({ stderr }) => !stderr.includes('    at '))).toBe(true)
    const { failed, responses, n, pass1 } = result(cases[3]!)
    expect(failed).toBeGreaterThan(0)
    expect(failed + responses).toBe(60)
    expect({ n, pass1 }).toMatchObject({ n: expect.any(Number), pass1: 0 })
  })
}, 240_000)
