/** Rewards are asked one response at a time, models answer many at once: what is asked together becomes one batch. */
import type { ScalarModel } from '../engine/scalar-model.ts'

/** The values of one sequence. */
export function batchedValues(
  model: Pick<ScalarModel, 'values'>,
): (tokens: Int32Array) => Promise<Float32Array> {
  let waiting: {
    tokens: Int32Array
    resolve: (values: Float32Array) => void
    reject: (error: unknown) => void
  }[] = []
  const ask = async () => {
    const asked = waiting
    waiting = []
    try {
      const values = await model.values(asked.map(({ tokens }) => tokens))
      for (const [i, { resolve }] of asked.entries()) resolve(values[i]!)
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
  return (tokens) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(ask)
      waiting.push({ tokens, resolve, reject })
    })
}
