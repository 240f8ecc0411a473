import { describe, expect, it } from 'vitest'
import { isVerifiable } from '../../../rewards/accuracy.ts'
import { isThinkFormat } from '../../../rewards/format.ts'
import { pocketTokenizerFiles } from '../../../text/pocket-tokenizer.ts'
import { readability } from '../../../text/readability.ts'
import { tokenizerFromFiles } from '../../../text/tokenizer.ts'
import { generalDemonstration } from './demonstration.ts'
import { GENERAL_FAMILIES } from './problem.ts'
import { generalQuality } from './quality.ts'
import { generalHeldOut, generalScope, generalTask } from './task.ts'

const demonstrations = Array.from({ length: 2000 }, (_, index) => generalDemonstration(1, index))

describe('general requests', () => {
  const task = generalTask()

  it('cannot be verified in training', () => {
    expect(isVerifiable(task.question(1, 0))).toBe(false)
  })

  it('are the same for the same seed and index, in two languages', () => {
    expect(task.question(3, 5)).toEqual(task.question(3, 5))
    const many = Array.from({ length: 1000 }, (_, i) => task.question(3, i))
    const english = many.filter(({ language }) => language === 'en')
    expect(english.length / many.length).toBeCloseTo(0.7, 1)
    for (const { language, prompt } of many) expect(/\p{Script=Han}/u.test(prompt)).toBe(language === 'zh')
    for (const family of GENERAL_FAMILIES)
      expect(many.some(({ id }) => id.startsWith(`pocket-general/${family}/`))).toBe(true)
  })

  it('are each scored by one reward model', () => {
    const { questions } = generalHeldOut(12)
    for (const question of questions)
      expect(generalScope(question)).toBe(question.id.includes('/harm/') ? 'safety' : 'helpful')
    expect(generalScope({ id: '', prompt: 'Compute 3 + 4', answer: '7' })).toBeUndefined()
  })

  it('call a good response right in evaluation', async () => {
    const { prompt, response } = demonstrations[0]!
    const question = { id: '', prompt, answer: '' }
    expect((await task.verify(question, response)).correct).toBe(true)
    for (const bad of ['', response.slice(0, 40), ' <think> so </think> The answer is 7.'])
      expect((await task.verify(question, bad)).correct).toBe(false)
    expect((await task.verify({ id: '', prompt: 'x', answer: '' }, response)).correct).toBe(false)
  })
})

describe('demonstrations', () => {
  it('are perfect, readable and in R1 form', () => {
    for (const { language, prompt, response } of demonstrations) {
      expect(generalQuality(prompt, response)!.total, response).toBe(1)
      expect(readability(response, language).readable, response).toBe(true)
      expect(isThinkFormat(response)).toBe(true)
      expect(response).toMatch(/^ <think> \S/)
    }
  })

  it('are short, in few words: a model with 2 million parameters is to spell them in bytes', () => {
    const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())
    const length = (text: string) => tokenizer.encode(text).length
    expect(Math.max(...demonstrations.map(({ prompt }) => length(prompt)))).toBeLessThanOrEqual(48)
    expect(Math.max(...demonstrations.map(({ response }) => length(response)))).toBeLessThanOrEqual(110)
    const text = demonstrations.map(({ prompt, response }) => prompt + response).join(' ')
    expect(new Set(text.match(/[A-Za-z]+/g)).size).toBeLessThanOrEqual(120)
    expect(new Set(text.match(/\p{Script=Han}/gu)).size).toBeLessThanOrEqual(120)
  })
})
