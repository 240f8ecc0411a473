import { describe, expect, it } from 'vitest'
import { pocketTokenizerFiles, splitPocketText } from '../../text/pocket-tokenizer.ts'
import { tokenizerFromFiles } from '../../text/tokenizer.ts'
import { CORPUS_DEFAULTS } from './config.ts'
import { type CorpusDocument, corpusDocument } from './corpus.ts'
import { pocketTask } from './task.ts'

const NUM_DOCUMENTS = 20_000
const documents = Array.from({ length: NUM_DOCUMENTS }, (_, index) =>
  corpusDocument(CORPUS_DEFAULTS, 7, index),
)
const asked = documents.flatMap(({ family, about, text }) => (about ? [{ family, text, ...about }] : []))
const searches = asked.filter(({ style }) => style !== 'guess')

/** Four standard deviations of a share counted over n documents. */
const margin = (share: number, n: number) => 4 * Math.sqrt((share * (1 - share)) / n)

function expectShare<T>(items: readonly T[], has: (item: T) => boolean, share: number) {
  const counted = items.filter(has).length / items.length
  expect(Math.abs(counted - share)).toBeLessThan(margin(share, items.length))
}

describe('corpus', () => {
  it('is the same for the same seed and index, another for others', () => {
    expect(corpusDocument(CORPUS_DEFAULTS, 7, 123)).toEqual(documents[123])
    expect(corpusDocument(CORPUS_DEFAULTS, 8, 123).text).not.toBe(documents[123]!.text)
    expect(new Set(documents.slice(0, 1000).map(({ text }) => text)).size).toBeGreaterThan(950)
  })

  it('writes one token a word, number, operator and tag', () => {
    const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())
    const split = documents.slice(0, 5000).filter(({ text }) => {
      const words = splitPocketText(text.replace('<|endoftext|>', ''))
      return tokenizer.encode(text).length !== words.length + 1
    })
    expect(split).toEqual([])
  }, 300_000)

  it('keeps to the longest length', () => {
    const lengths = documents.map(({ text }) => splitPocketText(text).length - 4)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(CORPUS_DEFAULTS.maxTokens)
  })

  it('has the shares that its configuration states', () => {
    const { families, styles, templateShare, tidyShare, language } = CORPUS_DEFAULTS
    for (const [family, share] of Object.entries(families))
      expectShare(documents, (d) => d.family === family, share)
    for (const [style, share] of Object.entries(styles)) expectShare(asked, (d) => d.style === style, share)
    expectShare(asked, ({ text }) => text.startsWith('A conversation'), templateShare)
    expectShare(
      asked,
      ({ response }) => /^ <think>[^<]* <\/think> <answer> [^<]+ <\/answer>$/.test(response),
      tidyShare,
    )
    expectShare(asked, ({ text }) => /Using|Compute|Solve/.test(text), language.englishQuestions)
  })

  it('thinks in English in about half of the searches, in Chinese in 30 %, in both in 20 %', () => {
    const english = searches.filter(({ response }) => !/\p{Script=Han}/u.test(response))
    const chinese = searches.filter(({ response }) => !/ (try|need|no|yes|so|is)\b/.test(response))
    expect(english.length / searches.length).toBeCloseTo(0.5, 1)
    expect(chinese.length / searches.length).toBeCloseTo(0.3, 1)
    const oneLanguage = searches.filter(({ thought }) => thought !== 'mixed')
    const both = (text: string) => /\p{Script=Han}/u.test(text) && / (try|need|no|yes|so|is)\b/.test(text)
    expect(oneLanguage.filter(({ response }) => both(response))).toEqual([])
  })

  it('states facts that are right but for the slips', () => {
    let statements = 0
    const wrong: CorpusDocument[] = []
    for (const document of documents)
      for (const [, a, op, b, c] of document.text.matchAll(STATEMENT)) {
        statements++
        if (value(Number(a), op!, Number(b)) !== Number(c)) wrong.push(document)
      }
    expect(statements).toBeGreaterThan(NUM_DOCUMENTS)
    expect(wrong.filter(({ family, about }) => family === 'facts' || about?.style === 'guess')).toEqual([])
    const slipping = documents.flatMap(({ family, about, text }) =>
      family === 'facts' || about?.style === 'guess' ? [] : [...text.matchAll(STATEMENT)],
    ).length
    expect(wrong.length / slipping).toBeGreaterThan(0.7 * CORPUS_DEFAULTS.noise.slip)
    expect(wrong.length / slipping).toBeLessThan(1.1 * CORPUS_DEFAULTS.noise.slip)
  })

  it('judges each try by the value and the target beside it, but for the false yes', () => {
    let misses = 0
    let falseYes = 0
    for (const { response } of searches)
      for (const [, stated, target, verdict] of response.matchAll(
        / = (\d+) (?:need|要) (\d+) (yes|no|对|不)/g,
      )) {
        const saysYes = verdict === 'yes' || verdict === '对'
        if (stated === target) {
          if (!saysYes) expect.fail(`says no to a hit: ${response}`)
        } else {
          misses++
          if (saysYes) falseYes++
        }
      }
    // Often above: a search that does not fit is drawn again, and a false yes is short.
    expect(falseYes / misses).toBeGreaterThan(0.9 * CORPUS_DEFAULTS.noise.falseYes)
    expect(falseYes / misses).toBeLessThan(1.3 * CORPUS_DEFAULTS.noise.falseYes)
  })

  it('never repeats a try and makes at most 27', () => {
    const tries = searches.filter(({ family }) => family === 'countdown').map((d) => triesOf(d.response))
    expect(tries.filter((list) => new Set(list).size < list.length)).toEqual([])
    const longest = Math.max(...tries.map((list) => list.length))
    expect(longest).toBeGreaterThan(15)
    expect(longest).toBeLessThanOrEqual(CORPUS_DEFAULTS.maxTries)
  })

  it('answers well where it persists and badly where it guesses', async () => {
    const correct = { guess: [0, 0], giveUp: [0, 0], persistent: [0, 0] }
    for (const { family, style, response, gold, data } of asked.filter(({ form }) => form === 'tidy')) {
      if (family === 'facts') continue
      const verdict = await pocketTask(family).verify({ id: '', prompt: '', answer: gold, data }, response)
      correct[style][verdict.correct ? 1 : 0]!++
    }
    const share = ([wrong, right]: number[]) => right! / (wrong! + right!)
    expect(share(correct.guess)).toBeLessThan(0.12)
    expect(share(correct.giveUp)).toBeLessThan(0.25)
    expect(share(correct.persistent)).toBeGreaterThan(0.9)
  })
})

const STATEMENT = /(\d+) (\+|-|\*|plus|minus|times|加|减|乘) (\d+) (?:=|is|等于) (\d+)/g

function value(a: number, op: string, b: number): number {
  if (op === '+' || op === 'plus' || op === '加') return a + b
  return op === '-' || op === 'minus' || op === '减' ? a - b : a * b
}

/** Each try of a Countdown search as first and second step; a comma after the verdict keeps the first step. */
function triesOf(response: string): string[] {
  const tries: string[] = []
  let first = ''
  const unchecked = response.replace(/(check|检查)[^a-z\p{Script=Han}]+(need|要) \d+/gu, '')
  const step = String.raw`(\d+ [-+*] \d+) = \d+`
  for (const match of unchecked.matchAll(new RegExp(`(?:(?:try|试) ${step})?, ${step}`, 'g'))) {
    first = match[1] ?? first
    tries.push(`${first}|${match[2]}`)
  }
  return tries
}
