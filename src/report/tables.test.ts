import { describe, expect, it } from 'vitest'
import { displayWidth } from '../measures/format.ts'
import { EVALUATION_KEYS, measuresOf } from '../measures/measures.ts'
import { markdownTable, stageTable, terminalTable } from './tables.ts'

const columns = [{ name: 'name' }, { name: 'n', align: 'right' as const }]

it('terminalTable aligns, wide characters too', () => {
  expect(terminalTable(columns, [['base', '1'], ['推理', '12'], ['only']])).toBe(
    ['name   n', '────  ──', 'base   1', '推理  12', 'only'].join('\n'),
  )
})

describe('terminalTable in a narrow terminal', () => {
  const wide = [
    { name: 'setting' },
    { name: 'from', drop: 2 },
    { name: 'when', drop: 1 },
    { name: 'meaning' },
  ]
  const rows = [['grpo.steps', 'default', 'always', 'how often the policy is updated before the run ends']]
  const lines = (width: number) => terminalTable(wide, rows, { width }).split('\n')

  it.each([
    [200, ['setting', 'from', 'when', 'meaning']],
    [74, ['setting', 'from', 'meaning']],
    [64, ['setting', 'meaning']],
    [40, ['setting', 'meaning']],
    [28, ['setting', 'meaning']],
  ])('%i columns', (width, names) => {
    expect(lines(width)[0]!.split(/ +/)).toEqual(names)
    for (const line of lines(width)) expect(displayWidth(line)).toBeLessThanOrEqual(width)
    const words = lines(width).slice(2).join(' ').split(/ +/)
    for (const word of rows[0]!.at(-1)!.split(' ')) expect(words).toContain(word)
  })

  it('paints cells and not their spaces between', () => {
    const painted = terminalTable(columns, [['base', '1']], { paint: (text) => `<${text}>` })
    expect(painted.split('\n')[2]).toBe('<base>  <1>')
  })
})

it('markdownTable keeps every cell in its cell', () => {
  expect(markdownTable(columns, [['a|b\nc', '<b>\\']])).toBe(
    ['| name | n |', '| --- | ---: |', '| a\\|b c | &lt;b>\\\\ |'].join('\n'),
  )
})

describe('stageTable', () => {
  const base = { name: 'base', results: [{ pass1: 0.2, meanTokens: 50 }] }
  const trained = {
    name: 'R1-Zero',
    results: [
      { pass1: 0.7, meanTokens: 120 },
      { pass1: 0.8, meanTokens: 130, formatShare: 0.99 },
      { pass1: 0.9, meanTokens: 140 },
    ],
  }

  it('shows mean and spread over seeds, and no row that nobody has', () => {
    const { columns, rows } = stageTable([base, trained], measuresOf(EVALUATION_KEYS, 16))
    expect(columns.map(({ name }) => name)).toEqual(['', 'base', 'R1-Zero'])
    expect(rows).toEqual([
      ['pass@1', '20.0 %', '80.0 % ± 10.0 %'],
      ['mean tokens', '50', '130 ± 10'],
      ['valid format', '–', '99.0 % (1 of 3 seeds)'],
    ])
  })

  it('names k', () => {
    expect(
      stageTable([{ name: 'base', results: [{ consK: 1 }] }], measuresOf(EVALUATION_KEYS, 64)).rows[0]![0],
    ).toBe('cons@64')
  })
})
