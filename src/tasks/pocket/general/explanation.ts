/** `Explain snow to 12: kind and color`: two of the three facts that the world knows of each thing. */
import { GREETING } from './manner.ts'
import { type GeneralProblem, mean } from './problem.ts'
import { COLORS, KINDS, NAMES, names, namesOnly, PLACES, THINGS, type Thing, type Word } from './words.ts'

type Aspect = 'kind' | 'place' | 'color'

const ASPECT_PAIRS: readonly [Aspect, Aspect][] = [
  ['kind', 'place'],
  ['kind', 'color'],
  ['place', 'color'],
]
const ASPECTS: Record<Aspect, Word> = {
  kind: { en: 'kind', zh: '种类' },
  place: { en: 'place', zh: '地方' },
  color: { en: 'color', zh: '颜色' },
}
const VALUES: Record<Aspect, readonly Word[]> = { kind: KINDS, place: PLACES, color: COLORS }
const FACTS: Record<Aspect, { en: (value: string) => string; zh: (value: string) => string }> = {
  kind: { en: (value) => `is a kind of ${value}.`, zh: (value) => `是一种${value}.` },
  place: { en: (value) => `is in the ${value}.`, zh: (value) => `在${value}.` },
  color: { en: (value) => `is ${value}.`, zh: (value) => `是${value}的.` },
}

export const explanations = (): GeneralProblem[] =>
  NAMES.flatMap((name) =>
    THINGS.flatMap((thing) => ASPECT_PAIRS.map((aspects) => explanation(name, thing, aspects))),
  )

function explanation(name: Word, thing: Thing, aspects: [Aspect, Aspect]): GeneralProblem {
  const it = thing.name
  const [a, b] = aspects
  return {
    family: 'explanation',
    key: `${name.en},${it.en},${a},${b}`,
    prompts: {
      en: [
        `Explain ${it.en} to ${name.en}: ${a} and ${b}`,
        `Tell ${name.en} about the ${a} and the ${b} of ${it.en}`,
      ],
      zh: [
        `给 ${name.zh}讲${it.zh}:${ASPECTS[a].zh}和${ASPECTS[b].zh}`,
        `告诉 ${name.zh},${it.zh}的${ASPECTS[a].zh}和${ASPECTS[b].zh}`,
      ],
    },
    draft: (language) =>
      language === 'en'
        ? {
            language,
            thinking: `the user asks about ${it.en}, so first ${thing[a].en}, then ${thing[b].en}`,
            opening: GREETING.en(name.en),
            content: [`the ${it.en} ${FACTS[a].en(thing[a].en)}`, `It ${FACTS[b].en(thing[b].en)}`],
          }
        : {
            language,
            thinking: `要 讲${it.zh}, 所以 先说${thing[a].zh},再说${thing[b].zh}`,
            opening: GREETING.zh(name.zh),
            content: [`${it.zh}${FACTS[a].zh(thing[a].zh)}`, `它${FACTS[b].zh(thing[b].zh)}`],
          },
    answered: (summary, language) =>
      mean([
        ...[name, it].map((word) => names(summary, word, language)),
        ...aspects.map((aspect) => namesOnly(summary, thing[aspect], VALUES[aspect], language)),
      ]),
  }
}
