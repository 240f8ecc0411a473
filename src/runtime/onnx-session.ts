/** An ONNX Runtime session of a model in memory, on all cores. */
import { availableParallelism } from 'node:os'
import * as ort from 'onnxruntime-node'

export interface SessionOptions {
  /** Gives its memory back after each run and never holds more than it needs. */
  lean?: boolean
  /** Runs with many sizes: a plan of its memory for each of them would be kept. */
  open?: boolean
}

export const createSession = (
  model: Uint8Array,
  { lean = false, open = false }: SessionOptions = {},
): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(model, {
    intraOpNumThreads: availableParallelism(),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    enableCpuMemArena: !lean,
    enableMemPattern: !lean && !open,
    // Threads that continue spinning after a run would take the cores from the next session's.
    extra: { session: { force_spinning_stop: '1' } },
  })
