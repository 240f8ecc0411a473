/** Citations lead somewhere: a section of R1 that is cited anywhere is in the list of docs/paper-index.md. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const INDEX = readFileSync(join(ROOT, 'docs/paper-index.md'), 'utf8')
const LIST = /<!-- sections -->([\s\S]*)<!-- \/sections -->/.exec(INDEX)![1]!
const SECTIONS = new Set([...LIST.matchAll(/^\| (R1 [^|]+?) \|/gm)].map((match) => match[1]!))

/** `R1 §2.2.1`, `R1 v2 SB.1` and sections that follow one after a comma; other papers by arXiv id, standards by name. */
function unknownCitations(text: string): string[] {
  const found: string[] = []
  let last = ''
  for (const match of text.matchAll(/(?:(R1|arXiv \d{4}\.\d{4,5}|RFC \d+|HTML),? )?§ ?(\d+(?:\.\d+)*)/g)) {
    const chained = /§[\d.]+(,| and| to)\s(\W*\s)?$/.test(text.slice(0, match.index))
    const paper = match[1] ?? (chained ? last : '')
    last = paper
    const section = `R1 §${match[2]}`
    if (paper === '' || (paper === 'R1' && !SECTIONS.has(section))) found.push(match[0])
  }
  for (const [citation] of text.matchAll(/R1 v2 S[A-Z0-9](?:\.\d+)*/g))
    if (!SECTIONS.has(citation)) found.push(citation)
  return found
}

const files = (() => {
  try {
    return execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
  } catch {
    return []
  }
})().filter(
  (path) =>
    /\.(ts|tsx|mjs|py|md|sh)$/.test(path) &&
    !/fixtures|citations\.test/.test(path) &&
    existsSync(join(ROOT, path)),
)

describe.skipIf(files.length === 0)('citations (needs a git checkout)', () => {
  it('are of sections in docs/paper-index.md', () => {
    expect(SECTIONS.size).toBeGreaterThan(20)
    const unknown = files.flatMap((path) =>
      unknownCitations(readFileSync(join(ROOT, path), 'utf8')).map((citation) => `${path}: ${citation}`),
    )
    expect(unknown).toEqual([])
  })

  it('name no fact sheet that the repository does not have', () => {
    const sheet = ['paper', 'md'].join('.')
    expect(files.filter((path) => readFileSync(join(ROOT, path), 'utf8').includes(sheet))).toEqual([])
  })

  it('and no words that read as translated', () => {
    const shown = files.filter(
      (path) => /^(src|web|docs)\/|^README/.test(path) && path !== 'src/cli/chat.test.ts',
    )
    const words = /\banew\b|\bgoes? on\b|parted by/
    expect(shown.filter((path) => words.test(readFileSync(join(ROOT, path), 'utf8')))).toEqual([])
  })

  it('would be found if they led nowhere', () => {
    expect(
      unknownCitations('R1 §2.2.1 and §2.2.2, R1 v2 SB.1, arXiv 2402.03300 §4.1.2, RFC 9110 §10.2.3'),
    ).toEqual([])
    expect(unknownCitations('R1 §9.9')).toEqual(['R1 §9.9'])
    expect(unknownCitations('(§4)')).toEqual(['§4'])
    expect(unknownCitations('R1 v2 SX.1')).toEqual(['R1 v2 SX.1'])
  })
})
