/** Compiles tensor graphs to ONNX Runtime sessions and keeps the most recently used ones. */
import * as ort from 'onnxruntime-node'
import { toOnnx } from '../../graph/onnx.ts'
import type { Tensor } from '../../graph/tensor.ts'
import { createSession } from '../../runtime/onnx-session.ts'

export type Feeds = Record<string, ort.Tensor>

export const float32 = (data: Float32Array, shape: readonly number[]): ort.Tensor =>
  new ort.Tensor('float32', data, shape)
export const int32 = (data: Int32Array, shape: readonly number[]): ort.Tensor =>
  new ort.Tensor('int32', data, shape)
export const int64 = (data: BigInt64Array, shape: readonly number[]): ort.Tensor =>
  new ort.Tensor('int64', data, shape)

export interface CompiledGraph {
  run(feeds: Feeds): Promise<Record<string, Float32Array>>
}

export interface SessionCache {
  /** The session of this key; `build` makes its graph the first time. */
  get(key: string, build: () => Record<string, Tensor>): Promise<CompiledGraph>
  close(): void
}

const CAPACITY = 160

/**
 * `lean` sessions give their memory back after each run and never hold more than it needs; the others keep theirs, each
 * its own, which is quicker where runs are short.
 */
export function createSessionCache({ lean = false } = {}): SessionCache {
  const sessions = new Map<string, Promise<ort.InferenceSession>>()
  return {
    async get(key, build) {
      let compiled = sessions.get(key)
      sessions.delete(key)
      compiled ??= createSession(toOnnx(build()), lean)
      sessions.set(key, compiled)
      for (const [oldest, session] of sessions) {
        if (sessions.size <= CAPACITY) break
        sessions.delete(oldest)
        release(session)
      }
      const session = await compiled
      return {
        async run(feeds) {
          const results = await session.run(feeds)
          return Object.fromEntries(
            Object.entries(results).map(([name, value]) => [name, value.data as Float32Array]),
          )
        },
      }
    },
    close() {
      for (const session of sessions.values()) release(session)
      sessions.clear()
    },
  }
}

/** One that was not made has said so to whoever asked for it. */
const release = (session: Promise<ort.InferenceSession>): void =>
  void session.then(
    (s) => s.release(),
    () => {},
  )
