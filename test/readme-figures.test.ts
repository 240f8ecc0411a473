/** README's figures are those of the pages in docs/results. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const README = read('README.md')

/** The tables of a text, each a list of rows of cells without the first one's dressing. */
const tables = (text: string): string[][][] =>
  text
    .split(/\n(?!\|)/)
    .map((block) =>
      block
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ),
    )
    .filter((rows) => rows.length > 2)

/** Without what stands behind ±. */
const mean = (cell: string) => cell.replace(/ ± .*/, '')

function tableWith(text: string, header: RegExp): string[][] {
  const found = tables(text).filter(([first]) => header.test(first!.join(' ')))
  expect(found.length, String(header)).toBeGreaterThan(0)
  return found[0]!.slice(2)
}

/** Rows of a page by their label, means alone. */
const figures = (page: string, header: RegExp) =>
  new Map(tableWith(read(page), header).map(([label, ...cells]) => [label!, cells.map(mean)]))

describe("README's figures", () => {
  it('of R1-Zero', () => {
    const page = 'docs/results/r1-zero.md'
    const all = figures(page, /base trained$/)
    const decodings = figures(page, /^pass@1 base trained/)
    const rows = tableWith(README, /base after R1-Zero/)
    expect(rows.length).toBeGreaterThan(6)
    for (const [label, ...cells] of rows) {
      const decoding = /^pass@1, (.*)$/.exec(label!)?.[1]
      const known = decoding === undefined ? all.get(label!) : decodings.get(decoding)?.slice(0, 2)
      expect(cells, label).toEqual(known)
    }
    expect(README).toContain(
      `With 16 tries the base already finds a right answer to ${all.get('pass@16')![0]}`,
    )
  })

  it('of the stages, and how many claims hold', () => {
    const page = 'docs/results/paper-in-miniature.md'
    const stages = figures(page, /base R1-Zero Dev1 Dev2 Dev3 R1$/)
    const rows = tableWith(README, /base R1-Zero Dev1 Dev2 Dev3 R1$/)
    expect(rows.length).toBeGreaterThan(3)
    for (const [label, ...cells] of rows) expect(cells, label).toEqual(stages.get(label!))
    const verdicts = tableWith(read(page), /^claim the paper/).map((row) => row.at(-1)!)
    const held = verdicts.filter((verdict) => verdict === 'holds in all 3 seeds').length
    expect(README.replaceAll('\n', ' ')).toContain(`${held} of ${verdicts.length} hold in all three seeds`)
  })

  it('of the other models', () => {
    const v3 = figures('docs/results/r1-zero-v3.md', /base trained$/).get('pass@1')!
    expect(README).toContain(`from ${v3[0]!.replace(' %', '')} to ${v3[1]} over three seeds`)
    const [base, trained] = figures('docs/results/smollm2.md', /base trained 95 % intervals/).get(
      '512 held-out problems, 4 responses each, pass@1',
    )!
    expect(README).toContain(
      `goes from ${base!.replace(' %', '')} to ${trained} on 512 held-out word problems`,
    )
  })
})
