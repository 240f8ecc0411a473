/**
 * Activation recomputation (arXiv 1604.06174): what a segment computes is not kept for the gradient but computed a
 * second time, once the gradient has come down to it. A runtime orders its nodes as it likes, so the second time
 * depends on what must come before it: a value is let through once another is there.
 */
import { add, less, reshape, slice, where } from './operations.ts'
import { onInputs } from './rewrite.ts'
import { sizeOf, type Tensor } from './tensor.ts'

/** The part of a graph between a tensor and others that follow from it, used nowhere else. */
export interface Segment {
  from: Tensor
  to: readonly Tensor[]
}

/** The value of `x`, computed no earlier than those of `others`. */
export function after(x: Tensor, others: readonly Tensor[]): Tensor {
  const signs = others.map((other) => slice(reshape(other, [sizeOf(other.shape)]), 0, 0, 1))
  return where(less(signs.reduce(add), 0), x, x)
}

export interface Recomputation {
  /** The segment that a node belongs to. */
  segmentOf: (x: Tensor) => Segment | undefined
  /** The node computed a second time, after the tensors `segmentAfter` gives; nodes of no segment are themselves. */
  again: (x: Tensor, segmentAfter: (segment: Segment) => readonly Tensor[]) => Tensor
  /** What `again` made this from. */
  original: (x: Tensor) => Tensor
}

export function recomputation(segments: readonly Segment[]): Recomputation {
  const membership = members(segments)
  const twins = new Map<Tensor, Tensor>()
  /** Where each segment begins the second time. */
  const beginnings = new Map<Segment, Tensor>()
  const originals = new Map<Tensor, Tensor>()
  const late = (x: Tensor, others: readonly Tensor[]) => {
    const value = after(x, others)
    originals.set(value, x)
    return value
  }
  const again: Recomputation['again'] = (x, segmentAfter) => {
    const segment = membership.get(x)
    if (segment === undefined) return x
    const known = twins.get(x)
    if (known !== undefined) return known
    const others = segmentAfter(segment)
    let inputs = x.inputs.map((from) => {
      if (membership.get(from) === segment) return again(from, segmentAfter)
      if (from !== segment.from) return from
      const beginning = beginnings.get(segment) ?? late(from, others)
      beginnings.set(segment, beginning)
      return beginning
    })
    // A weight times a norm's gain would be the first one's twin in every respect, and be kept for it.
    if (inputs.every((from, i) => from === x.inputs[i])) {
      const smallest = inputs.reduce((a, b) => (sizeOf(b.shape) < sizeOf(a.shape) ? b : a))
      inputs = inputs.map((from) => (from === smallest ? late(from, others) : from))
    }
    const twin = onInputs(x, inputs)
    twins.set(x, twin)
    originals.set(twin, x)
    return twin
  }
  return { segmentOf: (x) => membership.get(x), again, original: (x) => originals.get(x) ?? x }
}

/** The nodes that a segment alone computes, without those it shares with others (masks). */
function members(segments: readonly Segment[]): Map<Tensor, Segment> {
  const users = new Map<Tensor, Segment | 'several'>()
  for (const segment of segments) {
    const stack = [...segment.to]
    const seen = new Set<Tensor>([segment.from])
    for (let x = stack.pop(); x !== undefined; x = stack.pop()) {
      if (seen.has(x) || x.inputs.length === 0) continue
      seen.add(x)
      users.set(x, users.has(x) ? 'several' : segment)
      stack.push(...x.inputs)
    }
  }
  return new Map([...users].flatMap(([x, user]) => (user === 'several' ? [] : [[x, user]])))
}
