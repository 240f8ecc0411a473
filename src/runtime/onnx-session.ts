/** An ONNX Runtime session of a model in memory, on all cores. */
import { availableParallelism } from 'node:os'
import * as ort from 'onnxruntime-node'

/** `lean` sessions give their memory back after each run and never hold more than it needs. */
export const createSession = (model: Uint8Array, lean = false): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(model, {
    intraOpNumThreads: availableParallelism(),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    enableCpuMemArena: !lean,
    enableMemPattern: !lean,
    // Threads that continue spinning after a run would take the cores from the next session's.
    extra: { session: { force_spinning_stop: '1' } },
  })
