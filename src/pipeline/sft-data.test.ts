import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { letterTokenizer } from '../../test/letter-world.ts'
import { readSftData, sftExample, splitValidation } from './sft-data.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-sft-data-'))
afterAll(() => rmSync(folder, { recursive: true }))
const tokenizer = letterTokenizer('abcqu.<>/think \n')
const model = {
  tokenizer,
  renderPrompt: (message: string) => `u${message}`,
  renderChat: (messages: readonly { content: string | null }[]) =>
    messages.map(({ content }) => `u${content}`).join(''),
}

async function read(rows: readonly unknown[], maxTokens = 100) {
  const path = join(folder, 'data.jsonl')
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  const { examples, tooLong } = await readSftData([path], model, maxTokens)
  return {
    tooLong,
    texts: examples.map(({ prompt, response }) => [tokenizer.decode(prompt), tokenizer.decode(response)]),
  }
}

describe('readSftData', () => {
  it('reads prompts with responses and conversations, and ends each response', async () => {
    const { texts } = await read([
      { prompt: 'a', response: ' b' },
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'c' },
        ],
        id: 7,
      },
    ])
    expect(texts).toEqual([
      ['ua', ' b.'],
      ['ua', 'c.'],
    ])
  })

  it('leaves out what is too long, and says so where nothing is left', async () => {
    const rows = [
      { prompt: 'a', response: 'b' },
      { prompt: 'a', response: 'bbbb' },
    ]
    expect(await read(rows, 4)).toEqual({ tooLong: 1, texts: [['ua', 'b.']] })
    await expect(read(rows, 2)).rejects.toThrow(/nothing to learn from.*2 rows are longer than sft.maxTokens/)
  })

  it.each([
    [{ prompt: 'a' }, 'not an example'],
    [{ prompt: 'a', response: '' }, 'not an example'],
    [{ messages: [{ role: 'user', content: 'a' }] }, 'not an example'],
    [
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
      "not the assistant's",
    ],
  ])('names the line of %j', async (row, message) => {
    await expect(read([{ prompt: 'a', response: 'b' }, row])).rejects.toThrow(
      new RegExp(`data\\.jsonl:2.*${message}`),
    )
  })
})

describe('sftExample', () => {
  it.each([
    ['q', '<think>a</think>b', '<think>a</think>b.'],
    ['q<think>\n', '<think>\na</think>b', 'a</think>b.'],
    ['q<think>\n', 'a</think>b', 'a</think>b.'],
  ])('after %j, %j is learned as %j', (prompt, response, learned) => {
    const example = sftExample({ prompt, response }, { tokenizer })
    expect(tokenizer.decode(example.response)).toBe(learned)
  })
})

describe('splitValidation', () => {
  const example = (at: number) => ({ prompt: Int32Array.of(at), response: Int32Array.of(at) })
  const all = Array.from({ length: 100 }, (_, at) => example(at))
  const places = (examples: readonly { prompt: Int32Array }[]) => examples.map(({ prompt }) => prompt[0]!)

  it('draws from all places of the file, each example once', () => {
    const { examples, validation } = splitValidation(all, 0.2, 1)
    expect(validation).toHaveLength(20)
    expect(Math.min(...places(validation))).toBeLessThan(20)
    expect(Math.max(...places(validation))).toBeGreaterThan(80)
    expect(places([...examples, ...validation]).sort((a, b) => a - b)).toEqual(places(all))
  })

  it('is the same for a seed, and another for another', () => {
    expect(splitValidation(all, 0.2, 1)).toEqual(splitValidation(all, 0.2, 1))
    expect(splitValidation(all, 0.2, 1)).not.toEqual(splitValidation(all, 0.2, 2))
  })
})
