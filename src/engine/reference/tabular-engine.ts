/**
 * The smallest engine: a softmax policy in a table, one row of logits a state, in float64 with exact gradients.
 * Stages are tested on it in milliseconds, against arithmetic that fits on paper. The state is the token before
 * (a bigram model) or the position; a prompt is told from another by its last token alone, or by its length.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../disk/replace-file.ts'
import { EngineError } from '../../errors.ts'
import { evaluateObjective } from '../../objectives/evaluate-objective.ts'
import { randomStream } from '../../random.ts'
import type { Engine, Policy, SampledSequence, SampleRequest, Snapshot, StopReason } from '../engine.ts'
import { createDraw, likeliestTokens, tokenScores } from '../sampling.ts'
import { createReferenceAdamWState, referenceAdamW } from './adamw.ts'

export interface TabularEngineOptions {
  vocabularySize: number
  state?: 'previousToken' | 'position'
  /** Rows of the table where the state is the position; later positions share the last row. */
  numPositions?: number
  /** Logits to start from, row after row; zeros, a uniform policy, otherwise. */
  logits?: ArrayLike<number>
}

export interface TabularEngine extends Engine {
  /** [states, vocabulary], live. */
  readonly logits: Float64Array
  /** Accumulated since the last update. */
  readonly gradient: Float64Array
  /** The distribution of the token at `position` after `previousToken`. */
  probabilities(previousToken: number, position?: number): Float64Array
}

interface SavedTable {
  vocabularySize: number
  logits: number[]
  optimizer?: { step: number; firstMoment: number[]; secondMoment: number[] }
}

const FILE = 'table.json'

export function createTabularEngine(options: TabularEngineOptions): TabularEngine {
  const { vocabularySize: V, state: kind = 'previousToken', numPositions = 1 } = options
  const size = (kind === 'position' ? numPositions : V) * V
  const logits = Float64Array.from(options.logits ?? new Float64Array(size))
  if (logits.length !== size) throw new Error(`a table of ${size} logits was given ${logits.length}`)
  const gradient = new Float64Array(size)
  const adamw = createReferenceAdamWState(size)
  const draw = createDraw(V)

  /** Where the row begins that predicts token `position` of a sequence. */
  const rowOf = (previousToken: number, position: number) =>
    V * (kind === 'position' ? Math.min(position, numPositions) - 1 : previousToken)

  function logDistribution(table: Float64Array, row: number): Float64Array {
    const scores = table.subarray(row, row + V)
    const top = Math.max(...scores)
    const logSum = top + Math.log(scores.reduce((sum, x) => sum + Math.exp(x - top), 0))
    return scores.map((x) => x - logSum)
  }

  /** Log-distribution, row and target of each prediction of a sequence. */
  const predictions = (table: Float64Array, tokens: Int32Array) =>
    Array.from(tokens.subarray(1), (target, i) => {
      const row = rowOf(tokens[i]!, i + 1)
      return { row, target, log: logDistribution(table, row) }
    })

  function sampleOne(table: Float64Array, request: SampleRequest, sample: number): SampledSequence {
    const { prompt, seed, signal, onToken } = request
    const { maxTokens, stopTokens } = request.options
    const { uniform } = randomStream(seed, 'sample', sample)
    const tokens: number[] = []
    const logprobs: number[] = []
    const samplingLogprobs: number[] = []
    let stopReason: StopReason = 'length'
    while (tokens.length < maxTokens) {
      if (signal?.aborted) {
        stopReason = 'aborted'
        break
      }
      const row = rowOf(tokens.at(-1) ?? prompt.at(-1)!, prompt.length + tokens.length)
      const log = logDistribution(table, row)
      const { token, samplingLogprob } = draw(
        tokenScores(log, request.options.temperature),
        request.options,
        uniform,
      )
      tokens.push(token)
      logprobs.push(log[token]!)
      samplingLogprobs.push(samplingLogprob)
      const drawn = { token, logprob: log[token]! }
      onToken?.(sample, token, drawn.logprob, likeliestTokens(log, request.alternatives ?? 0, drawn))
      if (stopTokens.includes(token)) {
        stopReason = 'stop'
        break
      }
    }
    return {
      tokens: Int32Array.from(tokens),
      logprobs: Float32Array.from(logprobs),
      samplingLogprobs: Float32Array.from(samplingLogprobs),
      stopReason,
    }
  }

  const policy = (table: Float64Array): Policy => ({
    sample: async (requests) =>
      requests.map((request) =>
        Array.from({ length: request.samples }, (_, sample) => sampleOne(table, request, sample)),
      ),
    logprobs: async (sequences) =>
      sequences.map((tokens) =>
        Float32Array.from(predictions(table, tokens), ({ log, target }) => log[target]!),
      ),
  })

  const freeze = (table: Float64Array): Snapshot => ({
    ...policy(table),
    save: (folder) => write(folder, { vocabularySize: V, logits: Array.from(table) }),
    close() {},
  })

  async function read(folder: string): Promise<SavedTable> {
    const saved = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as SavedTable
    if (saved.vocabularySize !== V || saved.logits.length !== size)
      throw new EngineError('a table of another size.', {
        field: join(folder, FILE),
        value: [saved.vocabularySize, saved.logits.length],
        expected: `${size} logits of ${V} tokens`,
      })
    return saved
  }

  return {
    ...{ ...policy(logits), logits, gradient },
    probabilities: (previousToken, position = 1) =>
      logDistribution(logits, rowOf(previousToken, position)).map(Math.exp),

    async forwardBackward(batch, objective) {
      const sequences = batch.map(({ tokens }) => predictions(logits, tokens))
      const scored = sequences.map((sequence, d) => {
        const { weights, inputs } = batch[d]!
        const logprobs = sequence.map(({ log, target }) => log[target]!)
        const entropies = sequence.map(({ log }) => -log.reduce((sum, l) => sum + Math.exp(l) * l, 0))
        return { logprobs, entropies, weights, ...(inputs && { inputs }) }
      })
      const value = evaluateObjective(objective, scored)
      let entropy = 0
      let count = 0
      sequences.forEach((sequence, d) => {
        sequence.forEach(({ row, target, log }, i) => {
          const byLogprob = value.coefficients[d]![i]!
          const byEntropy = value.entropyCoefficients[d]![i]!
          const H = scored[d]!.entropies[i]!
          log.forEach((l, token) => {
            const p = Math.exp(l)
            gradient[row + token]! += byLogprob * (Number(token === target) - p) - byEntropy * p * (l + H)
          })
          if (scored[d]!.weights[i] === 0) return
          entropy += H
          count++
        })
      })
      return {
        loss: value.loss,
        logprobs: scored.map(({ logprobs }) => Float32Array.from(logprobs)),
        entropy: entropy / Math.max(1, count),
        statistics: value.statistics,
      }
    },

    async optimStep(settings) {
      const gradientNorm = referenceAdamW(logits, gradient, adamw, settings)
      gradient.fill(0)
      return { gradientNorm }
    },

    snapshot: async () => freeze(logits.slice()),
    loadSnapshot: async (folder) => freeze(Float64Array.from((await read(folder)).logits)),

    async save(folder, { optimizer = false } = {}) {
      const [firstMoment, secondMoment] = [Array.from(adamw.firstMoment), Array.from(adamw.secondMoment)]
      const table = { vocabularySize: V, logits: Array.from(logits) }
      const state = { optimizer: { step: adamw.step, firstMoment, secondMoment } }
      await write(folder, { ...table, ...(optimizer && state) })
    },

    async load(folder, { optimizer = false } = {}) {
      const saved = await read(folder)
      logits.set(saved.logits)
      if (!optimizer) return
      const { optimizer: state } = saved
      if (state === undefined) throw new EngineError('has no optimiser.', { field: join(folder, FILE) })
      adamw.step = state.step
      adamw.firstMoment.set(state.firstMoment)
      adamw.secondMoment.set(state.secondMoment)
    },

    close() {},
  }
}

const write = (folder: string, table: SavedTable) =>
  replaceFile(join(folder, FILE), `${JSON.stringify(table)}\n`)
