/**
 * Packed numbers in an ONNX model: which inputs hold them, and how they are widened. In half precision they are one input; blocks
 * are whole numbers of 8 bits and a float32 scale for each group, which DequantizeLinear multiplies in one pass.
 */
import { ELEMENT, type Emit, type Initializer, integer } from './onnx-nodes.ts'
import { PACKED, type Packed } from './packed.ts'
import { type Shape, sizeOf } from './tensor.ts'

export interface PackedPart {
  /** What the input's name has behind the state's. */
  suffix: '' | ':scales' | ':shifts'
  type: 'float16' | 'int8' | 'float32'
  dims: readonly number[]
}

export function packedParts(dtype: Packed, shape: Shape): PackedPart[] {
  const { groups } = PACKED[dtype]
  if (groups === undefined) return [{ suffix: '', type: 'float16', dims: shape }]
  const count = sizeOf(shape) / groups.size
  return [
    { suffix: '', type: 'int8', dims: [count, groups.size] },
    { suffix: ':scales', type: 'float32', dims: [count] },
    ...(groups.shifted ? [{ suffix: ':shifts', type: 'float32', dims: [count, 1] } as const] : []),
  ]
}

/**
 * The numbers in float32, computed no earlier than `other`, an operand of what reads them: else a runtime might widen all of a
 * model's weights at once, or keep them from the forward pass to the gradient's.
 */
export function widenPacked(
  name: string,
  dtype: Packed,
  shape: Shape,
  emit: Emit,
  initializer: Initializer,
  other?: string,
): string {
  const int64s = (values: readonly number[]) => initializer(values, [values.length], 'int64')
  const late = (x: string, dims: readonly number[]) => {
    if (other === undefined) return x
    const flat = emit({ opType: 'Reshape', input: [other, int64s([-1])] }, [-1])
    const first = emit({ opType: 'Slice', input: [flat, int64s([0]), int64s([1]), int64s([0])] }, [1])
    const negative = emit({ opType: 'Less', input: [first, initializer([0], [], 'float32')] }, [1])
    return emit({ opType: 'Where', input: [negative, x, x] }, dims)
  }
  const { groups } = PACKED[dtype]
  if (groups === undefined) {
    const shaped = emit({ opType: 'Reshape', input: [name, late(int64s(shape), [shape.length])] }, shape)
    return emit({ opType: 'Cast', input: [shaped], attribute: [integer('to', ELEMENT.float32)] }, shape)
  }
  const [quants, scales] = packedParts(dtype, shape)
  const input = [name, late(`${name}:scales`, scales!.dims)]
  const scaled = emit({ opType: 'DequantizeLinear', input, attribute: [integer('axis', 0)] }, quants!.dims)
  const shifted = groups.shifted
    ? emit({ opType: 'Sub', input: [scaled, `${name}:shifts`] }, quants!.dims)
    : scaled
  return emit({ opType: 'Reshape', input: [shifted, int64s(shape)] }, shape)
}
