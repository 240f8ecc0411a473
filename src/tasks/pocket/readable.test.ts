import { describe, expect, it } from 'vitest'
import { isThinkFormat } from '../../rewards/format.ts'
import { readability } from '../../text/readability.ts'
import { CORPUS_DEFAULTS } from './config.ts'
import { corpusDocument } from './corpus.ts'
import { readableForm } from './readable.ts'
import { pocketHeldOut, pocketTask } from './task.ts'

const ask = (language: string) => ({ id: '', prompt: '', answer: '', language })
const response = (thinking: string, answer = '7') =>
  ` <think> ${thinking} </think> <answer> ${answer} </answer>`
const FIRST = 'try 8 + 3 = 11, 11 * 5 = 55 need 60 no'

describe('readableForm', () => {
  it.each<[string, string, string, string]>([
    ['keeps a search', 'en', `${FIRST}, 11 + 5 = 16 need 60 no so`, `${FIRST}, 11 + 5 = 16 need 60 no so`],
    ['ends with so', 'en', FIRST, `${FIRST} so`],
    ['says so once', 'en', `${FIRST} so so`, `${FIRST} so`],
    ['translates', 'zh', `wait ${FIRST} so`, '等等 试 8 + 3 = 11, 11 * 5 = 55 要 60 不 所以'],
    [
      'translates back',
      'en',
      'try 3 * 6 = 18 要 21 不 等等 try 3 * 7 = 21 need 21 对 所以',
      'try 3 * 6 = 18 need 21 no wait try 3 * 7 = 21 need 21 yes so',
    ],
    [
      'leaves a repeated try out',
      'en',
      `${FIRST} ${FIRST} try 8 - 3 = 5 need 60 no so`,
      `${FIRST} try 8 - 3 = 5 need 60 no so`,
    ],
    ['leaves a repeated step out', 'en', `${FIRST}, 11 * 5 = 55 need 60 no so`, `${FIRST} so`],
    [
      'keeps the step of a try whose forerunner is left out',
      'en',
      `${FIRST} try 8 - 3 = 5, 5 * 5 = 25 need 60 no ${FIRST}, 11 + 5 = 16 need 60 no so`,
      `${FIRST} try 8 - 3 = 5, 5 * 5 = 25 need 60 no try 8 + 3 = 11, 11 + 5 = 16 need 60 no so`,
    ],
    [
      'keeps a try that is judged another way',
      'en',
      `${FIRST} ${FIRST.replace('no', 'yes')} so`,
      `${FIRST} ${FIRST.replace('no', 'yes')} so`,
    ],
    ['hesitates once', 'en', `wait wait wait ${FIRST} so`, `wait ${FIRST} so`],
    [
      'keeps partial sums',
      'en',
      '12 + 40 = 52, 52 + 5 = 57 check 12 + 45 = 57 yes so',
      '12 + 40 = 52, 52 + 5 = 57 check 12 + 45 = 57 yes so',
    ],
    ['translates operators in words', 'zh', '3 plus 4 is 7', '3 加 4 等于 7 所以'],
  ])('%s', (_, language, thinking, expected) => {
    const summary = language === 'en' ? 'The answer is 7.' : '答案是 7.'
    expect(readableForm(ask(language), response(thinking))).toBe(` <think> ${expected} </think> ${summary}`)
  })

  it.each([
    '',
    '7',
    ' <think> so </think>',
    ' <think> </think> <answer> 7 </answer>',
    ' <think> so <answer> 7 </answer>',
    ' <think> so </think> <answer> 7',
    response('the answer'),
    response('try 8 ÷ 2'),
    response(FIRST, '<think>'),
    response(FIRST, ''),
  ])('has none for %j', (text) => expect(readableForm(ask('en'), text)).toBeNull())

  const documents = Array.from({ length: 4000 }, (_, index) =>
    corpusDocument(CORPUS_DEFAULTS, 5, index),
  ).flatMap(({ family, about }) =>
    family !== 'facts' && about?.form === 'tidy' ? [{ family, ...about }] : [],
  )

  it('has the same verdict as the tags, in one language', async () => {
    let correct = 0
    for (const { family, gold, data, question: language, response: text } of documents) {
      const question = { id: '', prompt: '', answer: gold, data, language }
      const form = readableForm(question, text)
      if (form === null) {
        expect(text).toContain('<think> </think>')
        continue
      }
      const { verify } = pocketTask(family)
      const [tagged, stated] = [await verify(question, text), await verify(question, form)]
      expect(stated, form).toEqual(tagged)
      correct += Number(stated.correct)
      expect(readability(form, language), form).toMatchObject({ readable: true })
      expect(isThinkFormat(form)).toBe(true)
    }
    expect(correct).toBeGreaterThan(200)
  })

  it('says what the search said where nothing was repeated or said in another language', () => {
    const alike = documents.filter(
      ({ thought, question, style }) => thought === question && style !== 'guess',
    )
    expect(alike.length).toBeGreaterThan(200)
    for (const { question: language, response: text } of alike) {
      const form = readableForm(ask(language), text)!
      expect(form.split('</think>')[0]).toBe(text.split('</think>')[0])
    }
  })
})

describe('R1 form of pocket answers', () => {
  it.each(['countdown', 'arithmetic', 'equation'] as const)(
    '%s: is read after the thinking alone',
    async (family) => {
      const { questions, verify } = pocketHeldOut(family, 50)
      for (const question of questions) {
        const { answer } = question
        const correct = async (text: string) => (await verify(question, text)).correct
        for (const said of [
          `The answer is ${answer}.`,
          `the answer is ${answer}`,
          `答案是 ${answer}.`,
          `答案是${answer}。`,
          `So. The answer is: ${answer}.\n`,
        ])
          expect(await correct(` <think> so </think> ${said}`), said).toBe(true)
        for (const text of [
          ` <think> so </think> ${answer}`,
          ` <think> The answer is ${answer}.`,
          ` <think> The answer is ${answer}. </think> so`,
          `The answer is ${answer}.`,
          ` <think> so </think> The answer is ${answer}1.`,
          ` <think> so </think> The answer is ${answer}. The answer is 0.`,
          ` <think> so </think> The answer is ${answer}. <answer> 0 </answer>`,
          ` <think> so </think> The answer is ${answer}. <answer>`,
          ` <think> so </think> The answer is .`,
        ])
          expect(await correct(text), text).toBe(false)
      }
    },
  )
})
