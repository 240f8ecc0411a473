import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ConfigError } from '../errors.ts'
import { verifyCommand } from './verify.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-verify-'))
const output = join(folder, 'verdicts.jsonl')

beforeAll(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterAll(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

async function verify(kind: string, rows: unknown[], ...flags: string[]): Promise<unknown[]> {
  const input = join(folder, `${kind}.jsonl`)
  writeFileSync(input, rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join(''))
  const args = ['--kind', kind, '--input', input, '--output', output, ...flags]
  await verifyCommand().parseAsync(args, { from: 'user' })
  const text = readFileSync(output, 'utf8').trim()
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line))
}

describe('r1 verify', () => {
  it('judges choices', async () => {
    expect(
      await verify('choice', [
        { id: 'a', gold: 'B', prediction: 'Answer: B' },
        'oops',
        { id: 'b', gold: 'B', prediction: 'Paris', choices: ['Rome', 'Paris'] },
        { id: 'c', gold: 'B', prediction: 'Answer: B', choices: 'Rome' },
      ]),
    ).toEqual([
      { id: 'a', correct: true, extracted: 'B', reason: 'the same choice' },
      { id: null, line: 2, error: expect.stringMatching(/^not JSON/) },
      { id: 'b', correct: true, extracted: 'B', reason: 'the same choice' },
      { id: 'c', line: 4, error: 'choices is not a list of strings.' },
    ])
    expect(process.stderr.write).toHaveBeenCalledWith('2 correct, 0 wrong, 2 malformed\n')
  })

  it('judges Countdown with the puzzle in the row or in gold', async () => {
    const prediction = '<answer>3 * 5 + 7</answer>'
    const puzzle = { numbers: [3, 5, 7], target: 22 }
    expect(
      await verify('countdown', [
        { id: 1, prediction, ...puzzle },
        { id: 2, prediction, gold: JSON.stringify(puzzle) },
        { id: 3, prediction, gold: '22', ...puzzle, target: 23 },
        { id: 4, prediction, gold: '22' },
        { id: 5, prediction, gold: '{"numbers": ["3"], "target": 3}' },
        { id: 6, prediction },
      ]),
    ).toMatchObject([
      { id: 1, correct: true },
      { id: 2, correct: true },
      { id: 3, correct: false, reason: 'is 22, not 23' },
      { id: 4, line: 4, error: expect.stringMatching(/^no Countdown puzzle\./) },
      { id: 5, line: 5 },
      { id: 6, line: 6 },
    ])
  })

  it('judges mathematics in threads, with a row’s own options', async () => {
    expect(
      await verify(
        'math',
        [
          { id: 1, gold: '1/2', prediction: 'so \\boxed{0.5}' },
          { id: 2, gold: '1/2', prediction: 'so \\boxed{2}' },
          { id: 3, prediction: 'so \\boxed{2}' },
          { id: 4, gold: '$2.33$', prediction: '$2.334$', options: { precision: 2 } },
          { id: 5, gold: '$2.33$', prediction: '$2.334$', options: { precision: 6 } },
        ],
        '--concurrency',
        '2',
      ),
    ).toMatchObject([
      { id: 1, correct: true },
      { id: 2, correct: false },
      { id: 3, line: 3, error: expect.stringMatching(/^gold is missing/) },
      { id: 4, correct: true },
      { id: 5, correct: false },
    ])
  })

  it('runs code against the tests in gold', async () => {
    const tests = [{ input: '3\n', output: '6\n' }]
    const gold = JSON.stringify({ kind: 'stdio', language: 'javascript', tests })
    const program = (factor: number) =>
      `\`\`\`javascript\nconsole.log(${factor} * Number(readline()))\n\`\`\``
    expect(
      await verify('code', [
        { id: 1, gold, prediction: program(2) },
        { id: 2, gold, prediction: program(3) },
        { id: 3, gold: 'no tests', prediction: program(2) },
      ]),
    ).toMatchObject([
      { id: 1, correct: true },
      { id: 2, correct: false },
      { id: 3, line: 3 },
    ])
  })

  it('fails where no line is a case, and says of each why', async () => {
    await expect(verify('choice', ['oops', { id: 7, gold: 'A' }])).rejects.toThrow(
      /choice\.jsonl: no line is a case\..* Each line of the output says/,
    )
    expect(readFileSync(output, 'utf8')).toContain('{"id":7,"line":2,"error":"prediction is missing.')
  })

  it('writes nothing for an empty file', async () => {
    expect(await verify('choice', [])).toEqual([])
  })

  it.each([
    [[], /^--kind: no verifier chosen\. Expected math, code, choice, countdown/],
    [['--kind', 'maths'], /^--kind is "maths"/],
    [['--kind', 'toString'], /^--kind is "toString"/],
    [['--kind', 'choice', '--concurrency', '0'], /^--concurrency is "0"/],
    [['--kind', 'choice', '--concurrency', 'two'], /^--concurrency is "two"/],
    [['--kind', 'choice', '--input', join(folder, 'none.jsonl')], /^--input is ".*": there is no such file/],
    [['--kind', 'choice', '--input', folder], /^--input is/],
  ])('refuses %j and writes nothing', async (flags, message) => {
    const untouched = join(folder, 'untouched.jsonl')
    const run = verifyCommand().parseAsync([...flags, '--output', untouched], { from: 'user' })
    await expect(run).rejects.toThrow(ConfigError)
    await expect(run).rejects.toThrow(message)
    expect(existsSync(untouched)).toBe(false)
  })

  it('refuses an output it cannot write or that is its input', async () => {
    const input = join(folder, 'in.jsonl')
    writeFileSync(input, '')
    for (const path of [join(folder, 'no/such/folder.jsonl'), input]) {
      const run = verifyCommand().parseAsync(['-k', 'choice', '-i', input, '-o', path], { from: 'user' })
      await expect(run).rejects.toThrow(/^--output is/)
    }
  })
})
