import * as ort from 'onnxruntime-node'
import { afterEach, expect, it, vi } from 'vitest'
import { exp, input } from '../../graph/operations.ts'
import { createOnnxRuntime } from '../../runtime/onnx-runtime.ts'
import { createPrograms } from './programs.ts'

afterEach(() => vi.restoreAllMocks())

it('a graph that could not be compiled is the error of who asked for it, and closing says nothing more', async () => {
  vi.spyOn(ort.InferenceSession, 'create').mockRejectedValue(new Error('no memory left'))
  const runtime = createOnnxRuntime()
  const programs = createPrograms(runtime)
  await expect(programs.get('a', {}, () => ({ outputs: { x: exp(input('fed', [2])) } }))).rejects.toThrow(
    'no memory left',
  )
  runtime.close()
  // An unhandled rejection would fail the test.
  await new Promise((resolve) => setImmediate(resolve))
})
