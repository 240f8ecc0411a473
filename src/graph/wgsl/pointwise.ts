/** The WGSL of pointwise nodes. */
import { isPacked } from '../packed.ts'
import type { ElementType, Pointwise } from './nodes.ts'

export const wgslType = (type: ElementType): string => (isPacked(type) ? 'f32' : type === 'i8' ? 'i32' : type)

export const floatBits = (value: number): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return view.getUint32(0)
}

const INFIX: Partial<Record<Pointwise, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  less: '<',
  lessOrEqual: '<=',
  equal: '==',
  and: '&&',
}
const CALLED: Partial<Record<Pointwise, string>> = {
  minimum: 'min',
  maximum: 'max',
  exp: 'exp',
  log: 'log',
  sqrt: 'sqrt',
  abs: 'abs',
  sign: 'sign',
  round: 'round',
}

export function pointwiseCode(
  operation: Pointwise,
  inputs: readonly string[],
  types: readonly ElementType[],
  type: ElementType,
): string {
  const [a, b, c] = inputs as [string, string, string]
  const infix = INFIX[operation]
  if (infix !== undefined) return `(${a} ${infix} ${b})`
  const called = CALLED[operation]
  if (called !== undefined) return `${called}(${inputs.join(', ')})`
  switch (operation) {
    case 'identity':
      return a
    case 'neg':
      return `(-${a})`
    case 'not':
      return `(!${a})`
    case 'where':
      return `select(${c}, ${b}, ${a})`
    // The largest exponent keeps exp from running over, which WGSL leaves undefined.
    case 'sigmoid':
      return `(1.0 / (1.0 + exp(min(-${a}, 80.0))))`
    case 'silu':
      return `(${a} / (1.0 + exp(min(-${a}, 80.0))))`
    // Comparisons may be compiled as if nothing were infinite, bits may not.
    case 'finite':
      return `((bitcast<u32>(${a}) & 0x7f800000u) != 0x7f800000u)`
    case 'cast': {
      if (type === 'bool') return `(${a} != ${types[0] === 'f32' ? '0.0' : '0'})`
      if (types[0] === 'bool') return `select(${type === 'f32' ? '0.0, 1.0' : '0, 1'}, ${a})`
      return `${wgslType(type)}(${a})`
    }
    default:
      throw new Error(`${operation} has no WGSL`)
  }
}
