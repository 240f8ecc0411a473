import { expect, it } from 'vitest'
import { tinyConfig } from '../../../test/tiny-model.ts'
import { type Shape, sizeOf } from '../../graph/tensor.ts'
import type { Runtime, State } from '../../runtime/runtime.ts'
import { createLanes, type LaneSlot } from './lanes.ts'

interface Counted extends State {
  values: Float32Array
}

/** States in this process, and what the most was that they took at a time. */
function countingRuntime() {
  const counts = { held: 0, most: 0 }
  const create = (shape: Shape): Counted => {
    const state = { shape, values: new Float32Array(sizeOf(shape)) }
    counts.held += state.values.length
    counts.most = Math.max(counts.most, counts.held)
    const release = () => {
      counts.held -= state.values.length
      state.values = new Float32Array()
    }
    return Object.assign(state, { release }) as unknown as Counted
  }
  const copy: Runtime['copy'] = (from, to, regions) => {
    for (const { from: start, to: at, length } of regions)
      (to as Counted).values.set((from as Counted).values.subarray(start, start + length), at)
  }
  return { runtime: { opensSizes: true, create, copy } as unknown as Runtime, counts }
}

it('a lane that moves as a whole keeps what it holds, and both are never held whole', () => {
  const { runtime, counts } = countingRuntime()
  const lanes = createLanes<LaneSlot & { id: number }>(runtime, tinyConfig('llama'), 0)
  const slots = Array.from({ length: 6 }, (_, id) => ({ id, position: 31 }))
  for (const slot of slots) {
    const { lane, index } = lanes.add(slot, slots.length - slot.id)
    for (const plane of lane.cache.planes) {
      const { values } = plane as Counted
      const size = values.length / lane.cache.slots
      values.fill(slot.id + 1, index * size, (index + 1) * size)
    }
  }
  const before = counts.held
  for (const slot of slots) slot.position = 32
  lanes.regroup()
  const [lane, ...others] = lanes.occupied()
  expect(others).toEqual([])
  expect(lane!.cache.capacity).toBe(64)
  expect(lane!.slots.map(({ id }) => id)).toEqual(slots.map(({ id }) => id))
  for (const plane of lane!.cache.planes as Counted[]) {
    const [, heads, capacity, size] = plane.shape as [number, number, number, number]
    for (const [i, { id }] of lane!.slots.entries())
      for (let head = 0; head < heads; head++) {
        const start = (i * heads + head) * capacity * size
        expect(new Set(plane.values.subarray(start, start + 32 * size))).toEqual(new Set([id + 1]))
      }
  }
  expect(counts.held).toBe(2 * before)
  expect(counts.most).toBeLessThan(2 * before + before)
})
