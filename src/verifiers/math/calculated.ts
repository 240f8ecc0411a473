/** Is a calculation done, or left to whoever compares? */

/**
 * False for `4 * 9`, `126/2` and `\sqrt{9}`, true for `36`, `4 * 9 = 36` and `36 stickers`: what follows the last equals sign
 * has one number, and nothing is to be done with it.
 */
export function isCalculated(answer: string): boolean {
  const result = answer.split(/=|≈/).at(-1)!
  return (result.match(/\d[\d,.]*/g) ?? []).length < 2 && !/[!√]|\\sqrt/.test(result)
}
