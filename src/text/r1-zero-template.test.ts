import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { R1_ZERO_TEMPLATE, renderR1Zero } from './r1-zero-template.ts'

describe('renderR1Zero', () => {
  it('replaces the placeholder once and nothing else', () => {
    const text = renderR1Zero('What is $& + 1, if the prompt says 2')
    expect(text).toMatch(/^A conversation between User and Assistant\. /)
    expect(text.endsWith(' User: What is $& + 1, if the prompt says 2. Assistant:')).toBe(true)
    expect(renderR1Zero('prompt')).toBe(R1_ZERO_TEMPLATE)
  })

  it('is the text of Table 1 (R1 §2.2.3), word for word', () => {
    expect(createHash('sha256').update(R1_ZERO_TEMPLATE).digest('hex')).toBe(
      '7ea49a7d669beb46a7f1c4ea963e6514926f8d8fcb9ed3c3abd4eb1b7cb653c3',
    )
  })
})
