/** An ONNX Runtime session of a model in memory. */
import * as ort from 'onnxruntime-node'

export interface SessionOptions {
  threads: number
  /** Gives its memory back after each run and never holds more than it needs. */
  lean?: boolean
  /** Runs with many sizes: a plan of its memory for each of them would be kept. */
  open?: boolean
}

export const createSession = (
  model: Uint8Array,
  { threads, lean = false, open = false }: SessionOptions,
): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    enableCpuMemArena: !lean,
    enableMemPattern: !lean && !open,
    // A thread that spins takes a core from the next session's, and from whatever else the machine does: none after a run, and
    // between two operators only as long as waking it would take.
    extra: { session: { force_spinning_stop: '1', intra_op: { spin_duration_us: '20' } } },
  })
