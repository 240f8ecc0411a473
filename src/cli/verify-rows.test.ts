import { describe, expect, it } from 'vitest'
import { limiter } from '../engine/limiter.ts'
import { DataError } from '../errors.ts'
import { goldOf, type VerifyCase } from '../verifiers/case.ts'
import { type ResultLine, verifyLines } from './verify-rows.ts'

async function* chunks(...texts: string[]): AsyncGenerator<string> {
  yield* texts
}

async function run(
  text: string | string[],
  verify: VerifyCase = same,
  concurrency = 2,
): Promise<Record<string, unknown>[]> {
  return (await lines(text, verify, concurrency)).map((result) => JSON.parse(result.text))
}

async function lines(
  text: string | string[],
  verify: VerifyCase = same,
  concurrency = 2,
): Promise<ResultLine[]> {
  const results: ResultLine[] = []
  for await (const result of verifyLines(chunks(...[text].flat()), verify, concurrency)) results.push(result)
  return results
}

const same: VerifyCase = (given) => {
  const correct = given.prediction === goldOf(given)
  return { correct, extracted: given.prediction, reason: correct ? 'same' : 'other' }
}
const row = (id: unknown, gold = 'a', prediction = 'a') => JSON.stringify({ id, gold, prediction })

describe('verifyLines', () => {
  it('answers each case in order and continues after bad lines', async () => {
    const rows = [
      row(1),
      'not json',
      row('two', 'a', 'b'),
      '[1]',
      '',
      '  ',
      '{"id": 4, "gold": [5], "prediction": "a"}',
    ]
    rows.push('{"id": 5, "gold": "a"}', '{"id": 6, "prediction": "a"}', '{"gold": "a", "prediction": "a"}')
    expect(await run(rows.join('\n'))).toEqual([
      { id: 1, correct: true, extracted: 'a', reason: 'same' },
      { id: null, line: 2, error: expect.stringMatching(/^not JSON: /) },
      { id: 'two', correct: false, extracted: 'b', reason: 'other' },
      { id: null, line: 4, error: expect.stringMatching(/^not a JSON object/) },
      { id: 4, line: 7, error: expect.stringMatching(/^gold is not a string\./) },
      { id: 5, line: 8, error: expect.stringMatching(/^prediction is missing\./) },
      { id: 6, line: 9, error: expect.stringMatching(/^gold is missing\./) },
      { id: null, correct: true, extracted: 'a', reason: 'same' },
    ])
  })

  it('gives ids back as they came, also of lines that break off', async () => {
    const ids = ['12345678901234567890', '1.0', '"a\\u00e9"', '{"file": 3}', '[1, 2]', 'null', 'true']
    const rows = ids.map((id) => `{"id": ${id}, "gold": "a", "prediction": "a"}`)
    rows.push('{"id": 98765432109876543210, "gold": ', '{"gold": "a", "prediction": "b"}')
    expect((await lines(rows.join('\n'))).map(({ text }) => text.slice(0, 30))).toEqual([
      ...ids.map((id) => `{"id":${id},"correct":true,"extracted":`.slice(0, 30)),
      '{"id":98765432109876543210,"li',
      '{"id":null,"correct":false,"ex',
    ])
  })

  it('takes numbers as they are written', async () => {
    const text = '{"id": 1, "gold": 12345678901234567890, "prediction": 12345678901234567890}'
    expect(await run(`${text}\n{"gold": "0.50", "prediction": 0.50}`)).toMatchObject([
      { correct: true, extracted: '12345678901234567890' },
      { correct: true, extracted: '0.50' },
    ])
  })

  it('does not mind how the text is cut, byte-order marks, CRLF or separators inside strings', async () => {
    const text = `\ufeff${row(1, '\u2028é', '\u2028é')}\r\n\r\n${row(2)}`
    const expected = await run(text)
    expect(expected).toMatchObject([
      { id: 1, correct: true },
      { id: 2, correct: true },
    ])
    expect(await run([...text])).toEqual(expected)
    expect(await run('')).toEqual([])
  })

  it('keeps the order when later cases are done first, and never runs more than asked', async () => {
    let running = 0
    let most = 0
    const slowFirst: VerifyCase = async (given) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, given.id === 0 ? 20 : 0))
      running--
      return { correct: true, extracted: null, reason: '' }
    }
    const results = await run(Array.from({ length: 50 }, (_, i) => row(i)).join('\n'), slowFirst, 3)
    expect(results.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(most).toBe(3)
  })

  it('reads on only as results are taken', async () => {
    let read = 0
    async function* endless(): AsyncGenerator<string> {
      for (;;) yield `${row(read++)}\n`
    }
    let taken = 0
    for await (const _ of verifyLines(endless(), same, 2)) if (++taken === 100) break
    expect(read).toBeLessThan(200)
  })

  it('tells a case that makes no sense from a verifier that failed', async () => {
    const verify: VerifyCase = ({ id }) => {
      throw id === 1 ? new DataError('no puzzle.') : new TypeError('x is undefined')
    }
    expect(await run(`${row(1)}\n${row(2)}`, verify)).toEqual([
      { id: 1, line: 1, error: 'no puzzle.' },
      { id: 2, correct: false, extracted: null, reason: 'the verifier failed: x is undefined' },
    ])
  })
})

describe('limiter', () => {
  it('frees its place when work fails', async () => {
    const limited = limiter(1)
    await expect(limited(() => Promise.reject(new Error('first')))).rejects.toThrow('first')
    expect(await limited(async () => 'second')).toBe('second')
  })
})
