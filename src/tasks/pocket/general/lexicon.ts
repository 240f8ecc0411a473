/** The words of the world of general requests: everything that its requests, good replies and flaws say. */
import { pocketVocabulary } from '../../../text/pocket-tokenizer.ts'
import { WORDS } from '../speaker.ts'
import { generalProblems } from './families.ts'
import { FILLING, RUDE_CLOSINGS } from './manner.ts'
import { GENERAL_FAMILIES, summaryOf } from './problem.ts'
import { DEEDS } from './words.ts'

let known: ReadonlySet<string> | undefined

/** The share of a text's units that the world has; 0 where the text has none. */
export function knownShare(text: string): number {
  known ??= allUnits()
  const units = unitsOf(text)
  if (units.length === 0) return 0
  return units.filter((unit) => known!.has(unit)).length / units.length
}

const RUNS = /[\p{Script=Latin}'’]+|[\p{Script=Han}\uFFFD]+/gu

/** Words of Latin letters; of Chinese, which has no spaces, two neighbours at a time. Broken bytes (U+FFFD) are Chinese. */
function unitsOf(text: string): string[] {
  return (text.toLowerCase().match(RUNS) ?? []).flatMap((run) => {
    const characters = [...run]
    if (/^\p{Script=Latin}/u.test(run) || characters.length === 1) return [run]
    return characters.slice(1).map((character, i) => characters[i]! + character)
  })
}

function allUnits(): ReadonlySet<string> {
  const texts: string[] = [
    ...pocketVocabulary()
      .filter((token) => /^Ġ?[A-Za-z]{2,}$/.test(token))
      .map((token) => token.replace('Ġ', '')),
    ...Object.values(WORDS).map(({ zh }) => zh),
    '答案是',
  ]
  for (const language of ['en', 'zh'] as const) {
    texts.push(...FILLING[language], ...RUDE_CLOSINGS[language])
    texts.push(...DEEDS.map(({ how }) => how[language]('')))
    for (const family of GENERAL_FAMILIES)
      for (const problem of generalProblems('training', family))
        texts.push(...problem.prompts[language], summaryOf(problem.draft(language)))
  }
  return new Set(texts.flatMap(unitsOf))
}
