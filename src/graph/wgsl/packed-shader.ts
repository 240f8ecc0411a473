/**
 * WGSL that widens packed numbers, four at a time. They lie in 32-bit words, little end first; formats of whole bytes
 * begin their blocks at even addresses.
 */
import type { Packed } from '../packed.ts'

/**
 * The body of a function from `i`, a multiple of four, to the four numbers that begin there. `word` gives the code of the
 * word at an index.
 */
export function widenFour(format: Packed, word: (index: string) => string): string {
  const half = (at: string) => `unpack2x16float(${word(`(${at}) / 4u`)} >> ((${at}) % 4u * 8u)).x`
  const byte = (at: string) => `extractBits(${word(`(${at}) / 4u`)}, (${at}) % 4u * 8u, 8u)`
  /** Four bytes from an even address. */
  const four = (name: string, at: string) => [
    `let ${name}At = ${at};`,
    `let ${name}Low = ${word(`${name}At / 4u`)};`,
    `let ${name} = select(${name}Low, (${name}Low >> 16u) | (${word(`${name}At / 4u + 1u`)} << 16u), ${name}At % 4u != 0u);`,
  ]
  const block = (size: number, bytes: number) => [
    `let at = i / ${size}u * ${bytes}u;`,
    `let r = i % ${size}u;`,
  ]
  const each = (packed: string) =>
    `vec4<f32>((vec4<u32>(${packed}) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u))`
  switch (format) {
    case 'float16':
      return `return vec4<f32>(unpack2x16float(${word('i / 2u')}), unpack2x16float(${word('i / 2u + 1u')}));`
    case 'Q4_0':
      return [
        ...block(32, 18),
        ...four('two', 'at + 2u + r % 16u'),
        `return ${half('at')} * (${each('(two >> (r / 16u * 4u)) & 0x0f0f0f0fu')} - 8.0);`,
      ].join('\n')
    case 'Q8_0':
      return [
        ...block(32, 34),
        ...four('bytes', 'at + 2u + r'),
        'let signed = vec4<i32>(vec4<u32>(bytes) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u);',
        `return ${half('at')} * vec4<f32>(signed);`,
      ].join('\n')
    case 'Q4_K':
      return [
        ...block(256, 144),
        'let group = r / 32u;',
        ...four('two', 'at + 16u + group / 2u * 32u + r % 32u'),
        'let own = at + 4u + group;',
        // Scale and minimum of six bits each; the last four groups have two of them with those before.
        `var scale = ${byte('own')} & 63u;`,
        `var least = ${byte('own + 4u')} & 63u;`,
        'if (group >= 4u) {',
        `let both = ${byte('own + 4u')};`,
        `scale = (both & 15u) | ((${byte('own - 4u')} >> 2u) & 48u);`,
        `least = (both >> 4u) | ((${byte('own')} >> 2u) & 48u);`,
        '}',
        `let numbers = ${each('(two >> (group % 2u * 4u)) & 0x0f0f0f0fu')};`,
        `return ${half('at')} * f32(scale) * numbers - ${half('at + 2u')} * f32(least);`,
      ].join('\n')
    case 'Q6_K':
      return [
        ...block(256, 210),
        'let side = r / 128u;',
        'let quarter = r / 32u % 4u;',
        ...four('low', 'at + side * 64u + r % 64u'),
        ...four('high', 'at + 128u + side * 32u + r % 32u'),
        'let bits = ((low >> (quarter / 2u * 4u)) & 0x0f0f0f0fu) | (((high >> (quarter * 2u)) & 0x03030303u) << 4u);',
        `let scale = extractBits(i32(${byte('at + 192u + r / 16u')}), 0u, 8u);`,
        `return ${half('at + 208u')} * f32(scale) * (${each('bits')} - 32.0);`,
      ].join('\n')
  }
}
