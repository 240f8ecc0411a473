/** Prompts with their responses as one sequence, and what belongs to a response's tokens at its place in it. */

export function joined(prompt: ArrayLike<number>, response: ArrayLike<number>): Int32Array {
  const tokens = new Int32Array(prompt.length + response.length)
  tokens.set(prompt)
  tokens.set(response, prompt.length)
  return tokens
}

/** Zeros of this length with `values` from `start` on. */
export function placed(values: ArrayLike<number>, start: number, length: number): Float32Array {
  const all = new Float32Array(length)
  all.set(values, start)
  return all
}
