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
/** Capacities where each is no program of its own. */
const STEP = 32
const SLOT_BUCKETS = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 160, 192, 224, 256]

/** The batch sizes that decode graphs are made for: the smallest one of at least this many slots. */
export const slotBucket = (slots: number): number => SLOT_BUCKETS.find((size) => size >= slots)!
export const MAX_SLOTS = SLOT_BUCKETS.at(-1)!
/** The largest batch of at most so many slots, and one at least. */
export const mostSlotsOf = (limit: number): number => SLOT_BUCKETS.findLast((size) => size <= limit) ?? 1

/** Most that the keys and values of all slots may take, were every sequence as long as the longest may become. */
const CACHE_BYTES = 3 * 2 ** 27

/** Sequences that decode together where the longest may become `longest` tokens: by their cache, and by their logits. */
export function slotLimit(config: DecoderConfig, longest: number, logitBytes: number): number {
  const cached = Math.max(1, Math.floor(CACHE_BYTES / (longest * positionBytes(config))))
  return Math.min(MAX_SLOTS, cached, mostSlotsOf(logitBytes / (4 * config.vocabularySize)))
}

export function createLanes<Slot extends LaneSlot>(
  runtime: Runtime,
  config: DecoderConfig,
  weightBytes: number,
): Lanes<Slot> {
  const { opensSizes } = runtime
  const capacityOf = opensSizes ? (positions: number) => Math.ceil(positions / STEP) * STEP : laneCapacity
  const roomFor = (slots: number) => (opensSizes ? slots : slotBucket(slots))
  let lanes: Lane<Slot>[] = []
  const occupied = () => lanes.filter(({ slots }) => slots.length > 0)

  function laneFor(position: number): Lane<Slot> {
    const capacity = capacityOf(position + 1)
    let lane = lanes.find(({ cache }) => cache.capacity === capacity)
    if (lane === undefined) {
      lane = { cache: createKeyValueCache(runtime, config, capacity), slots: [] }
      lanes = [...lanes, lane].sort((a, b) => a.cache.capacity - b.cache.capacity)
    }
    return lane
  }

  const roomWith = ({ cache, slots }: Lane<Slot>, more: number): number =>
    Math.max(cache.slots, roomFor(Math.min(MAX_SLOTS, slots.length + more)))

  function remove({ cache, slots }: Lane<Slot>, index: number): void {
    const last = slots.pop()!
    if (index === slots.length) return
    slots[index] = last
    cache.copySlot(slots.length, cache, index, last.position)
  }

  function join(from: Lane<Slot>, to: Lane<Slot>): void {
    const { slots } = from
    const counts = slots.map(({ position }) => position)
    to.cache.absorb(from.cache, roomWith(to, slots.length), to.slots.length, counts)
    to.slots.push(...slots.splice(0))
  }

  function transfer(from: Lane<Slot>, moves: (slot: Slot) => boolean, to: Lane<Slot>): void {
    if (from.slots.every(moves)) {
      join(from, to)
      return
    }
    to.cache.resize(roomWith(to, from.slots.filter(moves).length))
    // Backwards, since a slot that leaves is replaced by the last one.
    for (let i = from.slots.length - 1; i >= 0; i--) {
      const slot = from.slots[i]!
      if (!moves(slot)) continue
      from.cache.copySlot(i, to.cache, to.slots.length, slot.position)
      to.slots.push(slot)
      remove(from, i)
    }
  }

  /** What a step costs with these lanes as one, in bytes that are read. */
  function costTogether(together: readonly Lane<Slot>[]): number {
    const slots = together.reduce((sum, lane) => sum + lane.slots.length, 0)
    return RUN_BYTES + weightBytes + slots * together.at(-1)!.cache.capacity * positionBytes(config)
  }

  /** The lanes in neighbouring groups that cost the least, each of which is worth a run. */
  function worthRuns(all: readonly Lane<Slot>[]): Lane<Slot>[][] {
    const best: { cost: number; groups: Lane<Slot>[][] }[] = [{ cost: 0, groups: [] }]
    for (let end = 1; end <= all.length; end++)
      for (let start = 0; start < end; start++) {
        const group = all.slice(start, end)
        const cost = best[start]!.cost + costTogether(group)
        if (cost < (best[end]?.cost ?? Number.POSITIVE_INFINITY))
          best[end] = { cost, groups: [...best[start]!.groups, group] }
      }
    return best[all.length]!.groups
  }

  function release({ cache, sampling }: Lane<Slot>): void {
    cache.release()
    sampling?.state.release()
  }

  return {
    occupied,
    remove,
    add(slot, expected) {
      const lane = laneFor(slot.position)
      if (lane.cache.slots <= lane.slots.length) lane.cache.resize(roomWith(lane, expected))
      return { lane, index: lane.slots.push(slot) - 1 }
    },
    regroup() {
      for (const lane of occupied()) {
        const outgrown = ({ position }: Slot) => position >= lane.cache.capacity
        const first = lane.slots.find(outgrown)
        if (first !== undefined) transfer(lane, outgrown, laneFor(first.position))
      }
      for (const group of worthRuns(occupied())) {
        const longest = group.pop()!
        for (const lane of group) join(lane, longest)
      }
      for (const lane of lanes) {
        const { cache, slots } = lane
        if (slots.length === 0) release(lane)
        else if (cache.slots > 2 * roomFor(slots.length)) cache.resize(roomFor(slots.length))
      }
      lanes = occupied()
    },
    reset() {
      for (const lane of lanes) release(lane)
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
