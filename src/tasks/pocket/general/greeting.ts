/** `Good morning, I am 12 and I like tea`: a greeting wants one, and a word about what was said. */
import { GREETING } from './manner.ts'
import { type GeneralProblem, mean } from './problem.ts'
import { NAMES, names, namesOnly, THINGS, TIMES, type Word } from './words.ts'

export const greetings = (): GeneralProblem[] =>
  NAMES.flatMap((name) => TIMES.flatMap((time) => THINGS.map((thing) => greeting(name, time, thing.name))))

function greeting(name: Word, time: Word, thing: Word): GeneralProblem {
  return {
    family: 'greeting',
    key: `${name.en},${time.en},${thing.en}`,
    prompts: {
      en: [
        `Good ${time.en}, I am ${name.en} and I like ${thing.en}`,
        `I am ${name.en}, good ${time.en}, ${thing.en} is what I like`,
      ],
      zh: [
        `${time.zh}好,我是 ${name.zh},我喜欢${thing.zh}`,
        `我是 ${name.zh},${time.zh}好,${thing.zh}是我喜欢的`,
      ],
    },
    draft: (language) =>
      language === 'en'
        ? {
            language,
            thinking: `the user is ${name.en}, so first ${time.en}, then ${thing.en}`,
            opening: GREETING.en(name.en),
            content: [`good ${time.en}.`, `I like ${thing.en} too.`],
          }
        : {
            language,
            thinking: `这是 ${name.zh}, 所以 先说${time.zh},再说${thing.zh}`,
            opening: GREETING.zh(name.zh),
            content: [`${time.zh}好.`, `我也喜欢${thing.zh}.`],
          },
    answered: (summary, language) =>
      mean([
        ...[name, thing].map((word) => names(summary, word, language)),
        namesOnly(summary, time, TIMES, language),
      ]),
  }
}
