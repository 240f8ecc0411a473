import * as ort from 'onnxruntime-node'
import { afterEach, expect, it, vi } from 'vitest'
import { scalar } from '../../graph/operations.ts'
import { createSessionCache } from './session.ts'

afterEach(() => vi.restoreAllMocks())

it('a graph that could not be compiled is the error of who asked for it, and closing says nothing more', async () => {
  vi.spyOn(ort.InferenceSession, 'create').mockRejectedValue(new Error('no memory left'))
  const sessions = createSessionCache()
  await expect(sessions.get('a', () => ({ x: scalar(1) }))).rejects.toThrow('no memory left')
  sessions.close()
  // An unhandled rejection would fail the test.
  await new Promise((resolve) => setImmediate(resolve))
})
