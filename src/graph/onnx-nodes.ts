/** What the nodes of an ONNX model are made of. */
import { isPacked, type Packed } from './packed.ts'
import type { DType } from './tensor.ts'

export const ELEMENT = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const satisfies Record<StoredType | 'float16', number>
/** A constant may also be of a type that no tensor has, and none is packed. */
export type StoredType = Exclude<DType, Packed> | 'uint8'
/** Packed numbers are float32 where they are read; onnx-packed.ts says what they are before. */
export const elementOf = (dtype: DType): number => ELEMENT[isPacked(dtype) ? 'float32' : dtype]

/** `output` is the position of the wanted result among the operator's outputs. */
export type Lowered = {
  opType: string
  domain?: string
  input?: string[]
  attribute?: object[]
  output?: number
}

/** Adds a node, or finds an equal one; returns the name of its wanted (last) result. */
export type Emit = (node: Lowered & { input: string[] }, shape: readonly number[]) => string

/** Names a constant, or finds an equal one. */
export type Initializer = (values: readonly number[], dims: readonly number[], dtype: StoredType) => string

export const integer = (name: string, i: number) => ({ name, type: 2, i })
export const float = (name: string, f: number) => ({ name, type: 1, f })
export const integers = (name: string, ints: readonly number[]) => ({ name, type: 7, ints })
export const text = (name: string, s: string) => ({ name, type: 3, s: Buffer.from(s) })
