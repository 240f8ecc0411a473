/** Plain text of the pocket world: arithmetic in sentences, in English or Chinese, without questions or tags. */
import type { RandomStream } from '../../random.ts'
import { LARGEST_NUMBER, splitPocketText } from '../../text/pocket-tokenizer.ts'
import { apply, computed, type Language, type Operator } from './speaker.ts'

export const IN_WORDS = {
  en: { '+': 'plus', '-': 'minus', '*': 'times', is: 'is' },
  zh: { '+': '加', '-': '减', '*': '乘', is: '等于' },
} as const

/** `Numbers: 8 + 3 = 11. 7 times 6 is 42.` */
export function numberFacts(random: RandomStream, language: Language, maxTokens: number): string {
  let text = language === 'en' ? 'Numbers:' : '数字:'
  const wanted = random.integer(4, 16)
  const words = IN_WORDS[language]
  for (let n = 0; n < wanted; n++) {
    const [a, op, b] = drawFact(random)
    const sentence = random.chance(0.5)
      ? `${computed(a, op, b).text}.`
      : ` ${a} ${words[op]} ${b} ${words.is} ${apply(a, op, b)}.`
    if (splitPocketText(text + sentence).length > maxTokens) break
    text += sentence
  }
  return text
}

/** Steps that the families need: any number with a small one, products within the world. */
function drawFact(random: RandomStream): [number, Operator, number] {
  for (;;) {
    const op = random.pick(['+', '-', '*'] as const)
    const b = random.chance(0.7) ? random.integer(1, 20) : random.integer(1, 9) * 10
    const a = op === '*' ? random.integer(1, 40) : random.integer(1, LARGEST_NUMBER)
    const value = apply(a, op, b)
    if (value >= 0 && value <= LARGEST_NUMBER) return [a, op, b]
  }
}
