import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DATA_FOLDER, readDataSet } from '../../test/data-sets.ts'
import { DataError } from '../errors.ts'
import { loadCountdown } from './countdown.ts'

const folder = mkdtempSync(join(tmpdir(), 'countdown-'))

function file(text: string): string {
  const path = join(folder, 'mine.jsonl')
  writeFileSync(path, text)
  return path
}

describe('loadCountdown', () => {
  it('asks each row in the wording of the pocket world', async () => {
    const set = await loadCountdown(
      file('{"numbers": [30, 100, 93], "target": 23, "solution": "93 + (30 - 100)"}\n'),
    )
    expect(set.name).toBe('mine')
    expect(set.questions).toEqual([
      {
        id: 'mine/1',
        prompt: 'Using the numbers 30, 100, 93, make 23',
        answer: '93 + (30 - 100)',
        language: 'en',
        data: { numbers: [30, 100, 93], target: 23 },
      },
    ])
  })

  it('reads TinyZero rows too', async () => {
    const { questions } = await loadCountdown(file('{"nums": [1, 2], "target": 3}\n'))
    expect(questions[0]!.data).toEqual({ numbers: [1, 2], target: 3 })
  })

  it.each([
    ['{"target": 3}', 'numbers'],
    ['{"numbers": "1, 2", "target": 3}', 'numbers'],
    ['{"numbers": [1, 2.5], "target": 3}', 'numbers'],
    ['{"numbers": [], "target": 3}', 'numbers'],
    ['{"numbers": [1, 2]}', 'target'],
    ['{"numbers": [1, 2], "target": "3"}', 'target'],
  ])('says what is missing in %s and where', async (row, missing) => {
    const path = file(`{"numbers": [1, 2], "target": 3}\n${row}\n`)
    const error: unknown = await loadCountdown(path).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(DataError)
    expect(String(error)).toContain(`${path}:2`)
    expect(String(error)).toContain(missing)
  })

  it('accepts every published solution', async () => {
    const { name, questions, verify } = await loadCountdown(join(DATA_FOLDER, 'countdown-3-test.jsonl'))
    expect(name).toBe('countdown-3-test')
    expect(questions).toHaveLength(readDataSet('countdown-3-test').length)
    expect(questions[0]!.id).toBe('countdown-3-test/0')
    for (const question of questions) {
      const response = (answer: string) => `<think> so </think> <answer> ${answer} </answer>`
      expect((await verify(question, response(question.answer))).correct, question.id).toBe(true)
      expect((await verify(question, response(`${question.answer} + 1`))).correct, question.id).toBe(false)
    }
  })
})
