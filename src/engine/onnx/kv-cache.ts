/**
 * Keys and values of every layer for a number of slots, in memory that the decode graph reads without a copy.
 * Values are [slots, kvHeads, capacity, headSize]; keys are [slots, kvHeads, headSize, capacity], so that a query times
 * the keys reads memory in order. Capacity grows in steps, so that short sequences stay cheap.
 */
import type { DecoderConfig } from '../../model/config.ts'
import { type Feeds, float32 } from './session.ts'

export interface KeyValueCache {
  capacity: number
  /** Makes room for this many positions a slot. */
  reserve(positions: number): void
  /** Feeds of the first `slots` slots for `decodeGraph`. */
  feeds(slots: number): Feeds
  /**
   * Copies positions [0, count) of row `row` of a batch of `rows` sequences of `length` positions to a slot, from
   * position `start` on. `cached` is [2 · layers, rows, kvHeads, length, headSize], as both sampling graphs make it.
   */
  write(
    slot: number,
    start: number,
    cached: Float32Array,
    row: number,
    rows: number,
    length: number,
    count: number,
  ): void
  move(from: number, to: number): void
  /** Forgets all, and starts small again. */
  reset(): void
}

const STEP = 64

export function createKeyValueCache(config: DecoderConfig, slots: number): KeyValueCache {
  const { numLayers, numKeyValueHeads: heads, headSize } = config
  let keys: Float32Array[] = []
  let values: Float32Array[] = []

  /** Copies `blocks` runs of `from` floats each to runs of `to` floats. */
  const widen = (
    before: Float32Array | undefined,
    blocks: number,
    from: number,
    to: number,
  ): Float32Array => {
    const grown = new Float32Array(blocks * to)
    if (before !== undefined && from > 0)
      for (let block = 0; block < blocks; block++)
        grown.set(before.subarray(block * from, (block + 1) * from), block * to)
    return grown
  }

  const cache: KeyValueCache = {
    capacity: 0,
    reserve(positions) {
      if (positions <= cache.capacity) return
      const before = cache.capacity
      const capacity = Math.ceil(positions / STEP) * STEP
      const rows = slots * heads
      const layers = Array.from({ length: numLayers }, (_, layer) => layer)
      keys = layers.map((layer) => widen(keys[layer], rows * headSize, before, capacity))
      values = layers.map((layer) => widen(values[layer], rows, before * headSize, capacity * headSize))
      cache.capacity = capacity
    },
    feeds(count) {
      const feeds: Feeds = {}
      const { capacity } = cache
      const size = count * heads * capacity * headSize
      keys.forEach((data, layer) => {
        feeds[`keys:${layer}`] = float32(data.subarray(0, size), [count, heads, headSize, capacity])
      })
      values.forEach((data, layer) => {
        feeds[`values:${layer}`] = float32(data.subarray(0, size), [count, heads, capacity, headSize])
      })
      return feeds
    },
    write(slot, start, cached, row, rows, length, count) {
      const { capacity } = cache
      for (let layer = 0; layer < numLayers; layer++) {
        const [toKeys, toValues] = [keys[layer]!, values[layer]!]
        for (let head = 0; head < heads; head++) {
          const source = (part: number) => ((part * rows + row) * heads + head) * length * headSize
          const [keyAt, valueAt] = [source(layer), source(numLayers + layer)]
          const to = (slot * heads + head) * capacity * headSize
          for (let i = 0; i < count; i++)
            for (let j = 0; j < headSize; j++) {
              toKeys[to + j * capacity + start + i] = cached[keyAt + i * headSize + j]!
              toValues[to + (start + i) * headSize + j] = cached[valueAt + i * headSize + j]!
            }
        }
      }
    },
    move(from, to) {
      const size = heads * cache.capacity * headSize
      for (const data of [...keys, ...values]) data.copyWithin(to * size, from * size, (from + 1) * size)
    },
    reset() {
      keys = []
      values = []
      cache.capacity = 0
    },
  }
  return cache
}
