/** Packed weights as ONNX Runtime's sessions read them: the parts that graph/onnx-packed.ts names, one after the other in memory. */
import * as ort from 'onnxruntime-node'
import { GROUPED_FORMATS, type Groups, widenGroups } from '../disk/gguf-quantization.ts'
import { packedParts } from '../graph/onnx-packed.ts'
import { type Packed, packedBytes } from '../graph/packed.ts'
import { type Shape, sizeOf } from '../graph/tensor.ts'
import { halved, widened } from './packed-values.ts'
import { type State, sameSize } from './runtime.ts'

const ARRAYS = { float16: Uint16Array, int8: Int8Array, float32: Float32Array }

export interface PackedState extends State {
  readonly bytes: Uint8Array
  /** By what the inputs' names have behind the state's. */
  readonly tensors: ReadonlyMap<string, ort.Tensor>
}

/** `given` are bytes as a file has them; zeros without. */
export function createPackedState(shape: Shape, dtype: Packed, given?: Uint8Array): PackedState {
  const size = sizeOf(shape)
  const parts = packedParts(dtype, shape)
  const sizes = parts.map(({ type, dims }) => sizeOf(dims) * ARRAYS[type].BYTES_PER_ELEMENT)
  let bytes = new Uint8Array(sizes.reduce((a, b) => a + b, 0))
  let offset = 0
  const arrays = parts.map(({ type, dims }, i) => {
    const values = new ARRAYS[type](bytes.buffer, offset, sizeOf(dims))
    offset += sizes[i]!
    return values
  })
  const tensors = new Map(
    parts.map(({ suffix, type, dims }, i) => [suffix, new ort.Tensor(type, arrays[i] as never, dims)]),
  )
  const groups = (): Groups => {
    const [quants, scales, shifts] = arrays as [Int8Array, Float32Array, Float32Array?]
    return { quants, scales, shifts: shifts ?? new Float32Array(scales.length) }
  }
  const state: PackedState = {
    shape,
    dtype,
    get bytes() {
      return bytes
    },
    tensors,
    write(values) {
      sameSize('a state', values, packedBytes(dtype, size))
      if (dtype === 'float16') bytes.set(values as Uint8Array)
      else GROUPED_FORMATS[dtype].regroup(values as Uint8Array, groups())
    },
    async fill(write) {
      const numbers = new Float32Array(size)
      await write(numbers)
      state.write(halved(numbers))
    },
    async read() {
      if (dtype === 'float16') return widened(dtype, bytes)
      const numbers = new Float32Array(size)
      widenGroups(groups(), GROUPED_FORMATS[dtype].groupSize, numbers)
      return numbers
    },
    release() {
      bytes = new Uint8Array()
      arrays.length = 0
      tensors.clear()
    },
  }
  if (given !== undefined) state.write(given)
  return state
}
