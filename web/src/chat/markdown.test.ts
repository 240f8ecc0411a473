import katex from 'katex'
import { describe, expect, it } from 'vitest'
import { renderMarkdown } from './markdown.ts'

const typeset = (source: string, displayMode: boolean) =>
  katex.renderToString(source, { displayMode, throwOnError: false, trust: false, maxExpand: 200 })
const marked = (source: string, display: boolean) => (display ? `[[${source}]]` : `[${source}]`)
const block = (source: string) => `<div class="display" tabindex="0">[[${source}]]</div>`

it.each([
  ['a $x^2$ b', '<p>a [x^2] b</p>\n'],
  ['\\(x\\) and \\[y\n\nz\\]', `<p>[x] and ${block('y\nz')}</p>\n`],
  ['$$a\n\n\nb$$', `<p>${block('a\nb')}</p>\n`],
  ['it costs $5 or $6', '<p>it costs $5 or $6</p>\n'],
  ['\\[ never closed', '<p>[ never closed</p>\n'],
  ['<b>\\(<i>\\)</b>', '<p>&lt;b&gt;[<i>]&lt;/b&gt;</p>\n'],
])('%j', (text, html) => {
  expect(renderMarkdown(text, marked)).toBe(html)
})

it('formulas wait as they were written', () => {
  expect(renderMarkdown('\\(<i>\\)', undefined)).toBe('<p>&lt;i&gt;</p>\n')
})

describe('what would freeze the tab is drawn', () => {
  const size = 120_000
  const fill = (text: string) => text.repeat(size / text.length)
  it.each<[string, string]>([
    ['openings of formulas', fill('\\[')],
    ['openings of the other kind', fill('\\(')],
    ['openings of both, and one end', `${fill('\\[\\(')}\\]`],
    ['dollars', fill('$')],
    ['dollars apart', fill('$ a')],
    ['prices', fill('$1 ')],
    ['pairs of dollars with blank lines', fill('$$\n\n')],
    ['blank lines within a formula', `\\[${fill('\n ')}\\]`],
    ['braces', `$${fill('{')}$`],
    ['braces that close', `$${'{'.repeat(2000)}x${'}'.repeat(2000)}$`],
    ['fractions in fractions', `$${'\\frac{1}{'.repeat(400)}x${'}'.repeat(400)}$`],
    ['exponents of exponents', `$${'x^{'.repeat(1000)}x${'}'.repeat(1000)}$`],
    ['parentheses that grow', `$${'\\left('.repeat(400)}x${'\\right)'.repeat(400)}$`],
    ['macros of macros', '$\\def\\a{xx}\\def\\b{\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b}\\c\\c\\c\\c$'],
    ['many formulas', fill('$x_{12}$ ')],
    ['brackets', fill('[')],
    ['stars', fill('*a_')],
    ['quotes of quotes', fill('>')],
    ['lists of lists', fill('- ')],
    ['backticks', fill('`a``')],
  ])('%s', { timeout: 60_000 }, (_, text) => {
    expect(renderMarkdown(text, typeset).length).toBeGreaterThan(0)
  })
})
