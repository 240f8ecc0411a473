/** Every general request there is, split into those to train on and those held out; a prompt leads back to its request. */
import { type RandomStream, randomStream } from '../../../random.ts'
import { isHeldOut } from '../problem.ts'
import type { Language } from '../speaker.ts'
import { explanations } from './explanation.ts'
import { greetings } from './greeting.ts'
import { harms } from './harm.ts'
import { letters } from './letter.ts'
import { lists } from './list.ts'
import { GENERAL_FAMILIES, type GeneralFamily, type GeneralProblem } from './problem.ts'
import { protections } from './protection.ts'

const EVERY: Record<GeneralFamily, () => GeneralProblem[]> = {
  greeting: greetings,
  explanation: explanations,
  list: lists,
  letter: letters,
  harm: harms,
  protection: protections,
}

interface Split {
  training: Record<GeneralFamily, readonly GeneralProblem[]>
  /** Shuffled once and for all. */
  heldOut: Record<GeneralFamily, readonly GeneralProblem[]>
  asked: ReadonlyMap<string, { problem: GeneralProblem; language: Language }>
}

let split: Split | undefined

function generalSplit(): Split {
  if (split !== undefined) return split
  const asked: [string, { problem: GeneralProblem; language: Language }][] = []
  const parts = GENERAL_FAMILIES.map((family) => {
    const problems = EVERY[family]()
    for (const problem of problems)
      for (const language of ['en', 'zh'] as const)
        for (const prompt of problem.prompts[language]) asked.push([prompt, { problem, language }])
    return {
      training: problems.filter(({ key }) => !isHeldOut(family, key)),
      heldOut: randomStream(0, 'held-out', family).shuffle(
        problems.filter(({ key }) => isHeldOut(family, key)),
      ),
    }
  })
  const byFamily = <V>(values: V[]) =>
    Object.fromEntries(GENERAL_FAMILIES.map((family, i) => [family, values[i]])) as Record<GeneralFamily, V>
  split = {
    training: byFamily(parts.map(({ training }) => training)),
    heldOut: byFamily(parts.map(({ heldOut }) => heldOut)),
    asked: new Map(asked),
  }
  return split
}

export type Part = 'training' | 'heldOut'

export const generalProblems = (part: Part, family: GeneralFamily): readonly GeneralProblem[] =>
  generalSplit()[part][family]

/** A request as it is asked. */
export interface AskedProblem {
  problem: GeneralProblem
  language: Language
  prompt: string
}

/** A random request of a random family of these, in English with this probability. */
export function drawGeneral(
  random: RandomStream,
  part: Part,
  englishShare: number,
  families: readonly GeneralFamily[] = GENERAL_FAMILIES,
): AskedProblem {
  const problem = random.pick(generalProblems(part, random.pick(families)))
  return ask(problem, random, englishShare)
}

export function ask(problem: GeneralProblem, random: RandomStream, englishShare: number): AskedProblem {
  const language = random.chance(englishShare) ? 'en' : 'zh'
  return { problem, language, prompt: random.pick(problem.prompts[language]) }
}

/** The request that a prompt asks, word for word but for a full stop; undefined for any other prompt. */
export function readGeneral(prompt: string): AskedProblem | undefined {
  const text = prompt.trim().replace(/[.。]$/, '')
  const found = generalSplit().asked.get(text)
  return found && { ...found, prompt: text }
}
