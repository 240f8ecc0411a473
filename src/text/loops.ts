/**
 * Loops: a model, small ones above all, may say the same clause again and again until it reaches its limit. What is sampled for a
 * person to read ends there.
 */

/** Tokens that an answer may have where nobody said how many: several minutes of a model with 100 million parameters. */
export const SHOWN_TOKENS = 2048

/** What a person is told of an answer that was stopped for it. */
export const loopNote = (numTokens: number): string =>
  `It repeats itself: stopped after ${numTokens} tokens. Another --seed or a higher --temperature may help.`

/** As often a piece must stand in a row. */
const TIMES = 6
/** Tokens that all of it must have: "ha ha ha ha ha ha" is no loop yet. */
const LEAST = 96
/** Longest piece that is looked for, in tokens. */
const LONGEST = 256

/** Whether each of the last `count` items is the one `period` places before it. There are at least `count + period` items. */
export function repeats(items: ArrayLike<unknown>, period: number, count: number): boolean {
  for (let i = items.length - count; i < items.length; i++) if (items[i] !== items[i - period]) return false
  return true
}

/** Whether the tokens end in one piece at least six times in a row. */
export function endsInLoop(tokens: readonly number[] | Int32Array): boolean {
  const { length } = tokens
  for (let period = 1; period <= Math.min(LONGEST, length / TIMES); period++) {
    const needed = Math.max(LEAST, TIMES * period)
    if (needed <= length && repeats(tokens, period, needed - period)) return true
  }
  return false
}

/** Looks at a response while it comes: gets each token, and says when it has begun to loop. */
export function loopWatch(): (token: number) => boolean {
  const tokens: number[] = []
  return (token) => {
    tokens.push(token)
    return tokens.length % 16 === 0 && endsInLoop(tokens)
  }
}
