/**
 * The format reward (R1 §2.2.2): the thinking stands between `<think>` and `</think>`, the answer where the
 * template wants it. The paper publishes neither pattern nor size. Here white space is free (open-r1 demands
 * newlines), each tag stands exactly once, and neither part may be blank: an empty think block is no thinking.
 */
import type { Reward } from './reward.ts'
import type { Weight } from './weight.ts'

const TAGS = ['<think>', '</think>', '<answer>', '</answer>'] as const

/** R1-Zero's form: the whole response is one think block and then one answer block, and nothing else. */
export function isStrictFormat(text: string): boolean {
  const whole = text.trim()
  if (TAGS.some((tag) => count(whole, tag) !== 1)) return false
  const parts = /^<think>([\s\S]*)<\/think>\s*<answer>([\s\S]*)<\/answer>$/.exec(whole)
  return parts !== null && notBlank(parts[1]!) && notBlank(parts[2]!)
}

/**
 * A chat model's form (R1 §2.3.1): one think block first, then the summary. R1-Zero's answer tags are none of it: where both
 * forms are worth the same, a model that knows the other one from its base goes back to it.
 */
export function isThinkFormat(text: string): boolean {
  const whole = text.trim()
  if (count(whole, '<think>') !== 1 || count(whole, '</think>') !== 1 || /<\/?answer>/.test(whole))
    return false
  const parts = /^<think>([\s\S]*)<\/think>([\s\S]*)$/.exec(whole)
  return parts !== null && notBlank(parts[1]!) && notBlank(parts[2]!)
}

/** A quarter for each of the four tags that stands exactly once, wherever it stands. */
export function tagShare(text: string): number {
  return TAGS.filter((tag) => count(text, tag) === 1).length / TAGS.length
}

export function formatReward({ weight = 1 }: { weight?: Weight } = {}): Reward {
  return { name: 'format', weight, score: ({ text }) => Number(isStrictFormat(text)) }
}

/** For chat models, whose answer has no tags. */
export function thinkFormatReward({ weight = 1 }: { weight?: Weight } = {}): Reward {
  return { name: 'thinkFormat', weight, score: ({ text }) => Number(isThinkFormat(text)) }
}

/** Partial credit on the way to the strict form, from 0 to 1. */
export function tagCountReward({ weight = 1 }: { weight?: Weight } = {}): Reward {
  return { name: 'tagCount', weight, score: ({ text }) => tagShare(text) }
}

function count(text: string, tag: string): number {
  return text.split(tag).length - 1
}

function notBlank(text: string): boolean {
  return text.trim() !== ''
}
