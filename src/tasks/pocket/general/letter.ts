/** `Write to 12 from 17: thanks for the tea`: a small letter with its purpose, from one to the other. */
import { GREETING } from './manner.ts'
import { type GeneralProblem, mean } from './problem.ts'
import { firstNamed, NAMES, names, THINGS, type Word } from './words.ts'

interface Purpose {
  /** How the request says it, and the word that a letter of this purpose has. */
  asked: Word
  word: Word
  sentence: { en: (thing: string) => string; zh: (thing: string) => string }
}

const PURPOSES: readonly Purpose[] = [
  {
    asked: { en: 'thanks for', zh: '谢谢' },
    word: { en: 'thank', zh: '谢谢' },
    sentence: { en: (it) => `thank you for the ${it}.`, zh: (it) => `谢谢您的${it}.` },
  },
  {
    asked: { en: 'sorry about', zh: '抱歉' },
    word: { en: 'sorry', zh: '抱歉' },
    sentence: { en: (it) => `I am sorry about the ${it}.`, zh: (it) => `我为${it}抱歉.` },
  },
  {
    asked: { en: 'come and see', zh: '来看' },
    word: { en: 'see', zh: '来看' },
    sentence: { en: (it) => `please come and see the ${it}.`, zh: (it) => `请来看${it}.` },
  },
]

export const letters = (): GeneralProblem[] =>
  NAMES.flatMap((to) =>
    NAMES.filter((from) => from !== to).flatMap((from) =>
      PURPOSES.flatMap((purpose) => THINGS.map((thing) => letter(to, from, purpose, thing.name))),
    ),
  )

function letter(to: Word, from: Word, purpose: Purpose, thing: Word): GeneralProblem {
  const { asked, word, sentence } = purpose
  return {
    family: 'letter',
    key: `${to.en},${from.en},${word.en},${thing.en}`,
    prompts: {
      en: [
        `Write to ${to.en} from ${from.en}: ${asked.en} the ${thing.en}`,
        `A letter from ${from.en} to ${to.en}, ${asked.en} the ${thing.en}`,
      ],
      zh: [
        `写信给 ${to.zh},从 ${from.zh}:${asked.zh}${thing.zh}`,
        `从 ${from.zh}给 ${to.zh}的信,${asked.zh}${thing.zh}`,
      ],
    },
    draft: (language) =>
      language === 'en'
        ? {
            language,
            thinking: `the letter is from ${from.en}, so ${word.en} about ${thing.en}`,
            opening: GREETING.en(to.en),
            content: [sentence.en(thing.en), `Your friend ${from.en}.`],
          }
        : {
            language,
            thinking: `信从 ${from.zh}, 所以 说${word.zh}和${thing.zh}`,
            opening: GREETING.zh(to.zh),
            content: [sentence.zh(thing.zh), `您的朋友 ${from.zh}.`],
          },
    answered(summary, language) {
      const start = firstNamed(summary, to, language)
      return mean([
        start >= 0,
        firstNamed(summary, from, language) > start,
        names(summary, thing, language),
        names(summary, word, language),
      ])
    },
  }
}
