import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import {
  formatReward,
  isStrictFormat,
  isThinkFormat,
  tagCountReward,
  tagShare,
  thinkFormatReward,
} from './format.ts'

const TRL = JSON.parse(
  readFileSync(new URL('../../test/golden/fixtures/trl-rewards.json', import.meta.url), 'utf8'),
)
const OPEN_R1 = '<think>\na\n</think>\n<answer>\nb\n</answer>'

describe('isStrictFormat', () => {
  it.each<[string, boolean]>([
    [OPEN_R1, true],
    ['<think>a</think><answer>b</answer>', true],
    [' <think> a </think> <answer> b </answer>\n', true],
    ['<think>a < b\n\nand</think>\n\n<answer>1 + 2</answer>', true],
    ['<think>a</think> so <answer>b</answer>', false],
    ['Well <think>a</think> <answer>b</answer>', false],
    ['<think>a</think> <answer>b</answer>.', false],
    ['<think>a</think> b', false],
    ['<answer>b</answer>', false],
    ['<answer>b</answer> <think>a</think>', false],
    ['<think>a <answer>b</answer> </think>', false],
    ['<think>a</think> <answer>b', false],
    ['a</think> <answer>b</answer>', false],
    ['<think>a</think> <answer>b</answer> <answer>c</answer>', false],
    ['<think>a <think> b</think> <answer>b</answer>', false],
    ['<think>a</think> <think>b</think> <answer>c</answer>', false],
    ['<think> </think> <answer>b</answer>', false],
    ['<think>a</think> <answer>\n</answer>', false],
    ['<Think>a</Think> <answer>b</answer>', false],
    ['', false],
  ])('%s', (text, expected) => expect(isStrictFormat(text)).toBe(expected))
})

describe('isThinkFormat', () => {
  // TRL: no opening tag but the first, whatever comes after the first closing one.
  const DIFFERENT = new Map([
    ['<think></think> the answer', 'an empty think block is no thinking'],
    ['<think>a</think>', 'nothing is answered'],
    ['<think>a</think> b </think> c', 'a second closing tag'],
    ['<think>a</think><answer>3</answer>', "R1-Zero's form"],
    [' \n<think>a</think> b', 'white space before the tag is no fault'],
  ])

  it.each<{ text: string; value: number }>(TRL.thinkFormat)('as TRL: $text', ({ text, value }) => {
    const ours = Number(isThinkFormat(text))
    if (DIFFERENT.has(text)) expect(ours).not.toBe(value)
    else expect(ours).toBe(value)
  })
})

describe('tagShare', () => {
  it.each<[string, number]>([
    [OPEN_R1, 1],
    ['<think>\na\n</think>\n<answer>\nb', 0.75],
    ['a\n</think>\n<answer>\nb\n</answer>', 0.75],
    ['<think>\na\n</think>\nb', 0.5],
    ['<think>\na\n<think>\n</think>\n<answer>\nb\n</answer>', 0.75],
    ['<think>\na', 0.25],
    ['</answer></think>', 0.5],
    ['none', 0],
    ['', 0],
  ])('%s', (text, expected) => expect(tagShare(text)).toBe(expected))
})

describe('the rewards', () => {
  it.each([
    [formatReward({ weight: 0.5 }), { name: 'format', weight: 0.5 }, OPEN_R1],
    [thinkFormatReward(), { name: 'thinkFormat', weight: 1 }, '<think>a</think> b'],
    [tagCountReward(), { name: 'tagCount', weight: 1 }, OPEN_R1],
  ])('%s', async (reward, named, good) => {
    expect(reward).toMatchObject(named)
    expect(await reward.score(responseOf(good))).toBe(1)
    expect(await reward.score(responseOf('no tags'))).toBe(0)
  })
})
