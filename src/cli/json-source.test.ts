import { describe, expect, it } from 'vitest'
import { fieldSource } from './json-source.ts'

describe('fieldSource', () => {
  it.each([
    ['{"id": 12345678901234567890, "gold": "1"}', 'id', '12345678901234567890'],
    ['{"gold":0.50,"prediction":1e3}', 'gold', '0.50'],
    ['{"gold":0.50,"prediction":1e3}', 'prediction', '1e3'],
    ['{"a": {"id": 1}, "b": ["id", "}"], "id": "x\\"y"}', 'id', '"x\\"y"'],
    ['{"text": "\\"id\\": 5, {", "id": 7', 'id', '7'],
    ['{"id": 7, "gold": "a', 'id', '7'],
    ['{"gold": 1}', 'id', null],
    ['{"a": {"id": 1}}', 'id', null],
    ['[1]', 'id', null],
    ['', 'id', null],
    ['{"id', 'id', null],
  ])('%s: %s', (line, name, expected) => {
    expect(fieldSource(line, name)).toBe(expected)
  })
})
