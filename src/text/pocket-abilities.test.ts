import { expect, it } from 'vitest'
import { letterTokenizer } from '../../test/letter-world.ts'
import { abilitiesOf } from './pocket-abilities.ts'
import { POCKET_PATTERN, pocketTokenizerFiles } from './pocket-tokenizer.ts'
import { tokenizerFromFiles } from './tokenizer.ts'

it('tells what a model of the pocket world can be asked, in words that it reads whole', () => {
  const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())
  const { examples, summary } = abilitiesOf(tokenizer)!
  expect(summary).toMatch(/numbers up to 12/)
  for (const example of examples)
    expect(tokenizer.encode(` ${example}`).length).toBe(
      ` ${example}`.match(new RegExp(POCKET_PATTERN, 'gu'))!.length,
    )
})

it('says nothing of other models', () => {
  expect(abilitiesOf(letterTokenizer('abc'))).toBeUndefined()
})
