/**
 * What executes tensor graphs. A runtime holds states (weights, gradients, moments, caches) where it computes; graphs read
 * them, and may assign to them. Only what a run is fed and what it returns passes between this program and the device.
 */
import type { OpenSizes } from '../graph/open-sizes.ts'
import type { DType, Shape, Tensor } from '../graph/tensor.ts'

/** Numbers of a tensor, in row-major order. */
export type Values = Float32Array | Float64Array | Int32Array | BigInt64Array | Int8Array | Uint8Array

/** A tensor that stays where the runtime computes. */
export interface State {
  readonly shape: Shape
  readonly dtype: DType
  /** Of a packed type: its bytes. */
  write(values: Values): void
  /**
   * Lets `write` fill an array whose numbers become the state's: the state's own memory where it lies in this process, so
   * nothing is copied. The array may hold anything before. Half precision rounds the numbers; other packed types have no fill.
   */
  fill(write: (values: Float32Array) => void | Promise<void>): Promise<void>
  /** Not to be changed, and valid until the next run or write. */
  read(): Promise<Float32Array>
  /** Gives its memory back; no run may read it any more. */
  release(): void
}

/** Numbers [from, from + length) of one state that go to [to, to + length) of another. */
export interface Region {
  from: number
  to: number
  length: number
}

export interface Graph {
  /** What a run returns. */
  outputs?: Readonly<Record<string, Tensor>>
  /**
   * New values of states, by the names that the graph has for them. All of the graph sees the values from before the run.
   */
  assign?: Readonly<Record<string, Tensor>>
  /** What is fed to the next round of a run, by the input's name and of its shape and type. On devices only. */
  carry?: Readonly<Record<string, Tensor>>
  /** What stands for the sizes that each run gives; only where the runtime `opensSizes`. */
  open?: OpenSizes
}

export interface Run {
  /** The values of the inputs that are no states. */
  feeds?: Readonly<Record<string, Values>>
  /**
   * The states that the graph's names stand for in this run. Where one is larger than in the graph, its first numbers are
   * meant.
   */
  states?: Readonly<Record<string, State>>
  /**
   * How often the graph is run without waiting in between; 1 by default, and more only on devices. Inputs that are not carried
   * are fed for all rounds, one after the other, and so outputs are returned.
   */
  rounds?: number
  /** Of this run, by the names that the graph has for its open sizes. */
  sizes?: OpenSizes
}

export interface Program {
  /** Integers are returned as the same numbers. */
  run(run?: Run): Promise<Record<string, Float32Array>>
  close(): void
}

export interface Runtime {
  /** For people: what computes. */
  readonly name: string
  /** Where states lie: in this process, or behind a bus. */
  readonly memory: 'host' | 'device'
  /** Whether it computes the operations of graph/attention.ts; in elementary ones it may be faster. */
  readonly fusesAttention: boolean
  /** Whether one program can run with many sizes, see `Graph.open`. */
  readonly opensSizes: boolean
  /**
   * A state of these values, whose array may become the state's memory; of zeros without. Of a packed type the values are its
   * bytes, which only a device keeps as they are.
   */
  create(shape: Shape, dtype?: DType, values?: Values): State
  /** Regions must not overlap. */
  copy(from: State, to: State, regions: readonly Region[]): void
  compile(graph: Graph): Promise<Program>
  /** Ends every program and gives back all memory. */
  close(): void
}

/** What a name stands for, or a mistake of the caller's. */
export function named<Value>(values: Readonly<Record<string, unknown>>, name: string): Value {
  const value = values[name]
  if (value === undefined) throw new Error(`nothing is given for ${name}`)
  return value as Value
}

export function sameSize(name: string, values: ArrayLike<unknown>, size: number): void {
  if (values.length !== size) throw new Error(`${name} takes ${size} numbers, not ${values.length}`)
}

/** A state of at least this size. */
export function holds(name: string, { length }: ArrayLike<unknown>, size: number): void {
  if (length < size) throw new Error(`${name} takes ${size} numbers, more than the state's ${length}`)
}
