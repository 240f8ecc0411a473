/** `List 3 animals for 12 without cat`: as many different things of a kind as asked for, without the unwanted one. */
import { GREETING } from './manner.ts'
import { type GeneralProblem, mean } from './problem.ts'
import { COLORS, NAMES, names, thingNames, type Word } from './words.ts'

interface Category {
  plural: Word
  items: readonly Word[]
}

const CATEGORIES: readonly Category[] = [
  { plural: { en: 'animals', zh: '动物' }, items: thingNames(['animal']) },
  { plural: { en: 'plants', zh: '植物' }, items: thingNames(['plant']) },
  { plural: { en: 'foods', zh: '食物' }, items: thingNames(['food']) },
  { plural: { en: 'colors', zh: '颜色' }, items: COLORS },
]

export const lists = (): GeneralProblem[] =>
  NAMES.flatMap((name) =>
    CATEGORIES.flatMap((category) =>
      [2, 3].flatMap((count) =>
        [undefined, ...category.items].map((without) => list(name, category, count, without)),
      ),
    ),
  )

function list(
  name: Word,
  { plural, items }: Category,
  count: number,
  without: Word | undefined,
): GeneralProblem {
  const allowed = items.filter((item) => item !== without)
  // Another start for every person, so that not all lists begin alike.
  const start = NAMES.indexOf(name)
  const chosen = Array.from({ length: count }, (_, i) => allowed[(start + i) % allowed.length]!)
  return {
    family: 'list',
    key: `${name.en},${count},${plural.en},${without?.en ?? ''}`,
    prompts: {
      en: [
        `List ${count} ${plural.en} for ${name.en}${without ? ` without ${without.en}` : ''}`,
        `Give ${name.en} ${count} ${plural.en}${without ? `, no ${without.en}` : ''}`,
      ],
      zh: [
        `给 ${name.zh}写 ${count} 种${plural.zh}${without ? `,不要${without.zh}` : ''}`,
        `${name.zh}要 ${count} 种${plural.zh}${without ? `,没有${without.zh}` : ''}`,
      ],
    },
    draft: (language) =>
      language === 'en'
        ? {
            language,
            thinking: `need ${count} ${plural.en}${without ? `, no ${without.en}` : ''}, so the first is ${chosen[0]!.en}`,
            opening: GREETING.en(name.en),
            content: [`here are ${count} ${plural.en}:`, ...listed(chosen.map(({ en }) => en))],
          }
        : {
            language,
            thinking: `要 ${count} 种${plural.zh}${without ? `, 不 要 ${without.zh}` : ''}, 所以 先说${chosen[0]!.zh}`,
            opening: GREETING.zh(name.zh),
            content: [`这是 ${count} 种${plural.zh}:`, ...listed(chosen.map(({ zh }) => zh))],
          },
    answered(summary, language) {
      const found = items.filter((item) => names(summary, item, language)).length
      const counted = Math.max(0, 1 - Math.abs(found - count) / count)
      const kept = without === undefined || !names(summary, without, language)
      return counted * mean([names(summary, name, language), kept, true, true])
    },
  }
}

const listed = (items: readonly string[]) =>
  items.map((item, i) => `${item}${i === items.length - 1 ? '.' : ','}`)
