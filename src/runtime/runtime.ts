/**
 * What executes tensor graphs. A runtime holds state by name (weights, gradients, moments, caches) where it computes;
 * graphs read it, and may assign to it. Only what a run is fed and what it returns is passed between this program and
 * the device.
 */
import type { DType, Shape, Tensor } from '../graph/tensor.ts'

/** Numbers of a tensor, in row-major order. */
export type Values = Float32Array | Float64Array | Int32Array | BigInt64Array | Int8Array | Uint8Array

export interface Graph {
  /** What a run returns. */
  outputs?: Readonly<Record<string, Tensor>>
  /**
   * New values of states, by their names; shapes are the states' own. All of the graph sees the values from before the
   * run.
   */
  assign?: Readonly<Record<string, Tensor>>
}

export interface Program {
  /** `feeds` are the values of the inputs that are no states. Integers are returned as the same numbers. */
  run(feeds?: Readonly<Record<string, Values>>): Promise<Record<string, Float32Array>>
  close(): void
}

export interface Runtime {
  /** For people: what computes. */
  readonly name: string
  /** Makes a state of zeros. An input of this name, in graphs compiled from now on, is this state. */
  create(name: string, shape: Shape, dtype?: DType): void
  write(name: string, values: Values): void
  read(name: string): Promise<Float32Array>
  compile(graph: Graph): Promise<Program>
  /** Ends every program and gives back all memory. */
  close(): void
}

/** The state of this name, or a mistake of the caller's. */
export function known<State>(states: ReadonlyMap<string, State>, name: string): State {
  const state = states.get(name)
  if (state === undefined) throw new Error(`no state is called ${name}`)
  return state
}

export function sameSize(name: string, values: ArrayLike<unknown>, size: number): void {
  if (values.length !== size) throw new Error(`${name} takes ${size} numbers, not ${values.length}`)
}
