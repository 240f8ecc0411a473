/**
 * Sequences of like length decode together. A decode graph reads its cache to the full capacity in every slot, so a few
 * long sequences would make all short ones pay for theirs; each lane has a capacity, and a sequence that outgrows
 * its lane moves on to the next.
 */
import type { DecoderConfig } from '../../model/config.ts'
import type { Runtime, State } from '../../runtime/runtime.ts'
import { createKeyValueCache, type KeyValueCache, positionBytes } from './kv-cache.ts'

export interface LaneSlot {
  /** Positions cached so far. */
  position: number
}

export interface Lane<Slot extends LaneSlot> {
  cache: KeyValueCache
  slots: Slot[]
  /** How each slot's next token is drawn, see `drawn` in decode-graph.ts, and what the state holds. */
  sampling?: { state: State; values: Float32Array }
}

export interface Lanes<Slot extends LaneSlot> {
  /** Those with slots, shortest first. */
  occupied(): Lane<Slot>[]
  /** Adds a slot, whose cache the caller fills; `expected` slots are likely to follow. */
  add(slot: Slot, expected: number): { lane: Lane<Slot>; index: number }
  /** The last slot takes the place of the removed one. */
  remove(lane: Lane<Slot>, index: number): void
  /** Moves on what has outgrown its lane, and joins lanes that are not worth a run of their own. */
  regroup(): void
  /** Forgets all. */
  reset(): void
}

/** What reading a cache could cost in the time that a run takes besides its products, in bytes. */
const RUN_BYTES = 2e7
const SLOT_BUCKETS = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 160, 192, 224, 256]

/** The batch sizes that decode graphs are made for: the smallest one of at least this many slots. */
export const slotBucket = (slots: number): number => SLOT_BUCKETS.find((size) => size >= slots)!
export const MAX_SLOTS = SLOT_BUCKETS.at(-1)!
/** The largest batch of at most so many slots, and one at least. */
export const mostSlotsOf = (limit: number): number => SLOT_BUCKETS.findLast((size) => size <= limit) ?? 1

export function createLanes<Slot extends LaneSlot>(
  runtime: Runtime,
  config: DecoderConfig,
  weightBytes: number,
): Lanes<Slot> {
  let lanes: Lane<Slot>[] = []
  const occupied = () => lanes.filter(({ slots }) => slots.length > 0)

  function laneFor(position: number): Lane<Slot> {
    const capacity = laneCapacity(position + 1)
    let lane = lanes.find(({ cache }) => cache.capacity === capacity)
    if (lane === undefined) {
      lane = { cache: createKeyValueCache(runtime, config, capacity), slots: [] }
      lanes = [...lanes, lane].sort((a, b) => a.cache.capacity - b.cache.capacity)
    }
    return lane
  }

  function remove({ cache, slots }: Lane<Slot>, index: number): void {
    const last = slots.pop()!
    if (index === slots.length) return
    slots[index] = last
    cache.copySlot(slots.length, cache, index, last.position)
  }

  function transfer(from: Lane<Slot>, index: number, to: Lane<Slot>): void {
    const slot = from.slots[index]!
    to.cache.reserve(slotBucket(to.slots.length + 1))
    from.cache.copySlot(index, to.cache, to.slots.length, slot.position)
    to.slots.push(slot)
    remove(from, index)
  }

  return {
    occupied,
    remove,
    add(slot, expected) {
      const lane = laneFor(slot.position)
      lane.cache.reserve(slotBucket(Math.min(MAX_SLOTS, lane.slots.length + expected)))
      return { lane, index: lane.slots.push(slot) - 1 }
    },
    regroup() {
      for (const lane of occupied())
        for (let i = lane.slots.length - 1; i >= 0; i--) {
          const { position } = lane.slots[i]!
          if (position >= lane.cache.capacity) transfer(lane, i, laneFor(position))
        }
      const [first, ...longer] = occupied()
      let shorter = first
      for (const lane of longer) {
        const extra = (lane.cache.capacity - shorter!.cache.capacity) * shorter!.slots.length
        if (extra * positionBytes(config) < RUN_BYTES + weightBytes)
          for (let i = shorter!.slots.length - 1; i >= 0; i--) transfer(shorter!, i, lane)
        shorter = lane
      }
    },
    reset() {
      for (const { cache, sampling } of lanes) {
        cache.release()
        sampling?.state.release()
      }
      lanes = []
    },
  }
}

/** 64, 128, 192, 256, 384, 512, 768, …: a third is wasted at most, and graphs are few. */
export function laneCapacity(positions: number): number {
  let capacity = 64
  while (capacity < positions) capacity += Math.max(64, 2 ** Math.floor(Math.log2(capacity)) / 2)
  return capacity
}
