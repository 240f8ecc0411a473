/**
 * A decoder with a scalar head in the place of the output head: Hugging Face's
 * `…ForSequenceClassification` with one label, of every architecture. Left out: adapters, and what balances experts.
 */
import type { DecoderConfig } from '../../model/config.ts'
import { initialWeights, parameterSpecs, SCALAR_HEAD } from '../../model/parameters.ts'
import { createOnnxRuntime } from '../../runtime/onnx-runtime.ts'
import type { Datum } from '../engine.ts'
import type { ScalarModel } from '../scalar-model.ts'
import { readCheckpoint, readOptimizer, writeCheckpoint, writeOptimizer } from './checkpoint.ts'
import type { EmbeddedEngineOptions } from './embedded-engine.ts'
import { diskFiles } from './model-folder.ts'
import { createOptimizer } from './optimizer.ts'
import { createPrograms } from './programs.ts'
import { createRowRunner, ropeStates } from './row-runner.ts'
import { valueGraph, valueTrainGraph } from './train-step.ts'
import { createWeights, isLarge, type Weights } from './weights.ts'

export type ScalarModelOptions = Pick<
  EmbeddedEngineOptions,
  'config' | 'runtime' | 'seed' | 'microBatchTokens' | 'minRowLength' | 'recompute' | 'companionFiles'
>

export interface EmbeddedScalarModel extends ScalarModel {
  readonly config: DecoderConfig
  readonly weights: Weights
  /** Accumulated since the last update. */
  readonly gradient: Weights
}

/** Weights are random ones of `seed` until a folder is loaded. */
export function createScalarModel({
  config: given,
  runtime: openRuntime = createOnnxRuntime,
  seed = 0,
  microBatchTokens = 1024,
  minRowLength = 128,
  recompute = false,
  companionFiles = {},
}: ScalarModelOptions): EmbeddedScalarModel {
  const config = given.architecture === 'deepseek_v3' ? { ...given, numPredictionModules: 0 } : given
  const specs = parameterSpecs(config, 'scalar')
  const runtime = openRuntime({ lean: recompute || isLarge({ specs }) })
  const weights = createWeights(runtime, specs, initialWeights(config, specs, seed))
  const programs = createPrograms(runtime)
  const optimizer = createOptimizer(programs, weights)
  const runner = createRowRunner(config, ropeStates(runtime, config), programs, {
    microBatchTokens,
    minRowLength,
  })
  return {
    config,
    weights,
    gradient: optimizer.gradient,

    values: (sequences) =>
      runner.score(
        'value',
        (rows, length) => valueGraph(config, specs, rows, length, { fused: runtime.fusesAttention }),
        'values',
        sequences.map((tokens) => asDatum({ tokens, weights: new Float32Array(tokens.length) })),
        weights.states,
      ),

    async forwardBackward(batch, objective) {
      const { loss, values, means } = await runner.train(
        objective,
        (rows, length) =>
          valueTrainGraph(config, specs, rows, length, objective, {
            recompute,
            fused: runtime.fusesAttention,
          }),
        'values',
        batch.map(asDatum),
        { ...weights.states, ...optimizer.gradientStates },
      )
      return { loss, values, statistics: means }
    },

    optimStep: (settings) => optimizer.update(settings),

    async save(folder, { optimizer: withOptimizer = false } = {}) {
      await writeCheckpoint(diskFiles, folder, { config, weights, companionFiles, head: 'scalar' })
      if (withOptimizer) await writeOptimizer(diskFiles, folder, optimizer)
    },

    async load(folder, { optimizer: withOptimizer = false } = {}) {
      await readCheckpoint(diskFiles, folder, weights, [SCALAR_HEAD])
      if (withOptimizer) await readOptimizer(diskFiles, folder, optimizer)
    },

    close: () => runtime.close(),
  }
}

/** Packing lays out predictions, one fewer than tokens: one token more stands at the end and is never read. */
const asDatum = ({ tokens, ...rest }: Datum): Datum => ({ ...rest, tokens: Int32Array.from([...tokens, 0]) })
