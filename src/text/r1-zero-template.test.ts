import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { R1_ZERO_TEMPLATE, renderR1Zero } from './r1-zero-template.ts'

const PAPER = new URL('../../../shared/paper.md', import.meta.url)

describe('renderR1Zero', () => {
  it('replaces the placeholder once and nothing else', () => {
    const text = renderR1Zero('What is $& + 1, if the prompt says 2')
    expect(text).toMatch(/^A conversation between User and Assistant\. /)
    expect(text.endsWith(' User: What is $& + 1, if the prompt says 2. Assistant:')).toBe(true)
    expect(renderR1Zero('prompt')).toBe(R1_ZERO_TEMPLATE)
  })

  it.skipIf(!existsSync(PAPER))('is the text of Table 1 (needs ../shared/paper.md)', () => {
    const table = readFileSync(PAPER, 'utf8').split('### 3.1')[1]!.split('```')[1]!.trim()
    expect(R1_ZERO_TEMPLATE).toBe(table)
  })
})
