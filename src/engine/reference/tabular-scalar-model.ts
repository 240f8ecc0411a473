/** The smallest scalar model: the value after a token is that token's entry in a table, float64, with exact gradients. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../disk/replace-file.ts'
import { evaluateValueObjective } from '../../objectives/evaluate-objective.ts'
import type { ScalarModel } from '../scalar-model.ts'
import { createReferenceAdamWState, referenceAdamW } from './adamw.ts'

export interface TabularScalarModel extends ScalarModel {
  /** The value after each token, live. */
  readonly table: Float64Array
}

interface SavedTable {
  table: number[]
  optimizer?: { step: number; firstMoment: number[]; secondMoment: number[] }
}

const FILE = 'values.json'

/** Starts at zeros. */
export function createTabularScalarModel(vocabularySize: number): TabularScalarModel {
  const table = new Float64Array(vocabularySize)
  const gradient = new Float64Array(vocabularySize)
  const adamw = createReferenceAdamWState(vocabularySize)
  const valuesOf = (tokens: Int32Array) => Float32Array.from(tokens, (token) => table[token]!)
  return {
    table,
    values: async (sequences) => sequences.map(valuesOf),

    async forwardBackward(batch, objective) {
      const values = batch.map(({ tokens }) => Array.from(tokens, (token) => table[token]!))
      const { loss, coefficients, statistics } = evaluateValueObjective(
        objective,
        batch.map(({ weights, inputs }, d) => ({ values: values[d]!, weights, ...(inputs && { inputs }) })),
      )
      batch.forEach(({ tokens }, d) => {
        tokens.forEach((token, t) => {
          gradient[token]! += coefficients[d]![t]!
        })
      })
      return { loss, values: batch.map(({ tokens }) => valuesOf(tokens)), statistics }
    },

    async optimStep(settings) {
      const gradientNorm = referenceAdamW(table, gradient, adamw, settings)
      gradient.fill(0)
      return { gradientNorm }
    },

    async save(folder, { optimizer = false } = {}) {
      const [firstMoment, secondMoment] = [Array.from(adamw.firstMoment), Array.from(adamw.secondMoment)]
      const state = { optimizer: { step: adamw.step, firstMoment, secondMoment } }
      const saved: SavedTable = { table: Array.from(table), ...(optimizer && state) }
      await replaceFile(join(folder, FILE), `${JSON.stringify(saved)}\n`)
    },

    async load(folder, { optimizer = false } = {}) {
      const saved = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as SavedTable
      table.set(saved.table)
      if (!optimizer) return
      adamw.step = saved.optimizer!.step
      adamw.firstMoment.set(saved.optimizer!.firstMoment)
      adamw.secondMoment.set(saved.optimizer!.secondMoment)
    },

    close() {},
  }
}
