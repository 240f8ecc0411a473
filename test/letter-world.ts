/** A world small enough for arithmetic on paper: every letter is a token, `.` ends a text. */
import type { Question, Task } from '../src/tasks/task.ts'
import type { Tokenizer } from '../src/text/tokenizer.ts'

/** Ids in the order of `letters`, which should hold `.`. */
export function letterTokenizer(letters: string): Tokenizer {
  const id = (letter: string) => {
    const at = letters.indexOf(letter)
    if (at < 0) throw new Error(`no token for ${letter}`)
    return at
  }
  const decode = (ids: Iterable<number>) => Array.from(ids, (at) => letters[at]!).join('')
  return {
    encode: (text) => Int32Array.from(text, id),
    decode,
    decoder: () => ({ push: (at) => decode([at]), end: () => '' }),
    idOf: (token) => (letters.includes(token) ? id(token) : undefined),
    tokenOf: (at) => letters[at],
    vocabSize: letters.length,
    stopIds: letters.includes('.') ? [id('.')] : [],
    eosToken: '.',
    files: {},
  }
}

/** A question whose prompt is one letter; the task is never asked for a verdict. */
export const letterQuestion = (prompt: string, index = 0): Question => ({
  id: `${prompt}${index}`,
  prompt,
  answer: prompt,
})

export const letterTask: Task = {
  name: 'letters',
  verify: () => ({ correct: false, extracted: null, reason: '' }),
}
