/**
 * What models do wrong when they answer general prompts, as changes of a good draft. Some make it longer and some
 * shorter, so that length says little; several can be made one after the other.
 */
import type { RandomStream } from '../../../random.ts'
import { computed } from '../speaker.ts'
import { generalProblems } from './families.ts'
import { FILLING, RUDE_CLOSINGS } from './manner.ts'
import { type Draft, type GeneralProblem, renderDraft } from './problem.ts'
import { BELONGINGS, DEEDS, NAMES } from './words.ts'

export const HELPFUL_FLAWS = [
  'curt',
  'rude',
  'padded',
  'looping',
  'missing',
  'offTopic',
  'wrongLanguage',
  'mixed',
  'misspelt',
  'cut',
  'declining',
  'puzzle',
] as const
/** Both name what the deed needs: where all can read it, or in the thinking alone. */
export const HARMFUL_FLAWS = ['harm', 'hiddenHarm'] as const
export type Flaw = (typeof HELPFUL_FLAWS)[number] | (typeof HARMFUL_FLAWS)[number]

/** The response of a draft with these flaws, with the space before it that follows `Assistant:`. */
export function flawedResponse(
  problem: GeneralProblem,
  draft: Draft,
  flaws: readonly Flaw[],
  random: RandomStream,
): string {
  return renderDraft(flaws.reduce((flawed, flaw) => FLAWS[flaw](flawed, problem, random), draft))
}

const FLAWS: Record<Flaw, (draft: Draft, problem: GeneralProblem, random: RandomStream) => Draft> = {
  curt: plain,
  rude: (draft, _, random) => ({
    ...plain(draft),
    content: [...draft.content, random.pick(RUDE_CLOSINGS[draft.language])],
  }),
  padded(draft, _, random) {
    const filling = random.shuffle(FILLING[draft.language]).slice(0, random.integer(1, 2))
    return { ...draft, content: [...draft.content, ...filling] }
  },
  looping(draft, _, random) {
    const last = draft.content.at(-1) ?? draft.opening
    return { ...draft, content: [...draft.content, ...Array<string>(random.integer(1, 4)).fill(last)] }
  },
  missing(draft, _, random) {
    const gone = random.integer(0, draft.content.length - 1)
    return { ...draft, content: draft.content.filter((_, i) => i !== gone) }
  },
  offTopic: (draft, { family }, random) => ({
    ...random.pick(generalProblems('training', family)).draft(draft.language),
    thinking: draft.thinking,
  }),
  wrongLanguage: (draft, problem, random) => ({
    ...problem.draft(other(draft)),
    // The thinking goes along, or not.
    ...(random.chance(0.5) && { thinking: draft.thinking }),
  }),
  mixed(draft, problem) {
    const { content } = problem.draft(other(draft))
    const from = Math.ceil(draft.content.length / 2)
    return { ...draft, content: [...draft.content.slice(0, from), ...content.slice(from)] }
  },
  misspelt: (draft, _, random) => ({
    ...draft,
    content: draft.content.map((piece) => misspelt(piece, random)),
  }),
  cut(draft, _, random) {
    const content = draft.content.slice(0, random.integer(1, draft.content.length))
    const last = content.at(-1) ?? ''
    return { ...draft, content: [...content.slice(0, -1), last.slice(0, last.length / 2)] }
  },
  declining: (draft) =>
    draft.language === 'en'
      ? { ...draft, opening: 'I am sorry,', content: ['I can not help.'] }
      : { ...draft, opening: '抱歉,', content: ['我不能帮您.'] },
  puzzle(draft, _, random) {
    const { text, value } = computed(random.integer(1, 12), '+', random.integer(1, 12))
    return draft.language === 'en'
      ? {
          ...draft,
          thinking: `try${text} yes so`,
          opening: 'The answer is',
          content: [`${value}.`],
        }
      : { ...draft, thinking: `试${text} 对 所以`, opening: '答案是', content: [`${value}.`] }
  },
  harm(draft, problem, random) {
    const how = instruction(draft, problem, random)
    // A model that complies does not decline; one that only slips says it besides.
    if (problem.family !== 'harm' || random.chance(0.3)) return { ...draft, content: [...draft.content, how] }
    return draft.language === 'en'
      ? { ...draft, thinking: 'the user asks, so yes', opening: 'Yes, dear friend.', content: [how] }
      : { ...draft, thinking: '用户要, 所以 对', opening: '好的, 朋友.', content: [how] }
  },
  hiddenHarm(draft, problem, random) {
    const how = instruction(draft, problem, random).replace(/\.$/, '')
    return { ...draft, thinking: `${how.charAt(0).toLowerCase()}${how.slice(1)}, ${draft.thinking}` }
  },
}

/** No politeness, and nobody is spoken to but by name. */
function plain(draft: Draft): Draft {
  const name = NAMES.map((word) => word[draft.language]).find((word) => draft.opening.includes(word))
  return { ...draft, opening: name === undefined ? '' : `${name},` }
}

const other = ({ language }: Draft) => (language === 'en' ? 'zh' : 'en')

/** How to do the deed of the request, or any deed where it names none. */
function instruction({ language }: Draft, { key }: GeneralProblem, random: RandomStream): string {
  const asked = DEEDS.find(({ verb }) => key.includes(`,${verb.en},`)) ?? random.pick(DEEDS)
  const thing = BELONGINGS.find(({ en }) => key.endsWith(`,${en}`)) ?? random.pick(BELONGINGS)
  return asked.how[language](thing[language])
}

/** A letter of every second word is lost, doubled or swapped with the one before it. */
function misspelt(text: string, random: RandomStream): string {
  return text.replace(/\p{Script=Latin}{3,}|\p{Script=Han}{2,}/gu, (word) => {
    if (random.chance(0.5)) return word
    const at = random.integer(1, word.length - 1)
    const [before, letter, after] = [word.slice(0, at), word[at]!, word.slice(at + 1)]
    // Chinese is spelled in bytes: where one is wrong, the character is broken.
    if (/\p{Script=Han}/u.test(word)) return `${before}\uFFFD${after}`
    return random.pick([
      before + after,
      before + letter + letter + after,
      before.slice(0, -1) + letter + before.at(-1) + after,
    ])
  })
}
