/**
 * Markdown with maths, as HTML. HTML in a model's words stays text, and pictures are not fetched. The work is linear in
 * the text's length, whatever it holds; formulas that are too long, too deep or too many are shown as they were written.
 */
import MarkdownIt from 'markdown-it'

export type Typeset = (source: string, display: boolean) => string

const LONGEST_FORMULA = 5000
const DEEPEST_FORMULA = 50
const MOST_FORMULAS = 1000

const PAIRS = [
  { open: '$$', close: '$$', display: true },
  { open: '\\[', close: '\\]', display: true },
  { open: '\\(', close: '\\)', display: false },
  { open: '$', close: '$', display: false },
] as const

interface Environment {
  typeset: Typeset | undefined
  formulas: number
}

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true }).disable('image')

/** Of a paragraph: the closing marks that do not come again, which are not looked for from every opening one. */
const missing = new WeakMap<object, Set<string>>()

for (const { open, close, display } of PAIRS)
  markdown.inline.ruler.before('escape', `maths ${open}`, (state, silent) => {
    if (!state.src.startsWith(open, state.pos)) return false
    const none = missing.get(state) ?? new Set()
    missing.set(state, none)
    if (none.has(close)) return false
    const start = state.pos + open.length
    const end = state.src.indexOf(close, start)
    if (end < 0) none.add(close)
    const source = state.src.slice(start, Math.max(start, end))
    if (end < 0 || source.trim() === '') return false
    // Two prices in a sentence are no formula.
    if (open === '$' && (/^\s/.test(source) || /\s/.test(source.at(-1)!) || isDigit(state.src[end + 1])))
      return false
    if (!silent) {
      const token = state.push('maths', display ? 'div' : 'span', 0)
      token.content = source
      token.meta = { display }
    }
    state.pos = end + close.length
    return true
  })

const isDigit = (character: string | undefined) => character !== undefined && /\d/.test(character)

markdown.renderer.rules.maths = (tokens, index, _, environment) => {
  const { content, meta } = tokens[index]!
  const isDisplay = meta?.display === true
  const html = formula(content, isDisplay, environment as unknown as Environment)
  return isDisplay ? `<div class="display" tabindex="0">${html}</div>` : html
}

function formula(content: string, isDisplay: boolean, rendering: Environment): string {
  const { typeset } = rendering
  const written = markdown.utils.escapeHtml(content)
  if (typeset === undefined || content.length > LONGEST_FORMULA || depth(content) > DEEPEST_FORMULA)
    return written
  if (++rendering.formulas > MOST_FORMULAS) return written
  try {
    return typeset(content, isDisplay)
  } catch {
    // Whatever a typesetter makes of it, such as a stack that overflows.
    return written
  }
}

// Blocks scroll where they are wider than the page; the keyboard must reach them.
for (const block of ['fence', 'code_block'] as const) {
  const render = markdown.renderer.rules[block]!
  markdown.renderer.rules[block] = (...given) => render(...given).replace('<pre', '<pre tabindex="0"')
}

/** Without a typesetter formulas stay as they were written. */
export function renderMarkdown(text: string, typeset: Typeset | undefined): string {
  return markdown.render(blocksApart(text), { typeset, formulas: 0 } satisfies Environment)
}

/** A formula over several lines is one paragraph only without the blank lines some models put in it. */
function blocksApart(text: string): string {
  const coming = PAIRS.filter(({ display }) => display).map(({ open, close }) => blocks(text, open, close))
  let apart = ''
  let at = 0
  for (;;) {
    const nearest = coming.map((next) => next(at)).sort((a, b) => a.start - b.start)[0]!
    apart += text.slice(at, nearest.start)
    if (nearest.start === text.length) return apart
    apart += text.slice(nearest.start, nearest.end).replaceAll(/\n\s*\n/g, '\n')
    at = nearest.end
  }
}

/** The next block from a place on, which only grows; at the text's end where there is none. */
function blocks(text: string, open: string, close: string): (at: number) => { start: number; end: number } {
  const none = { start: text.length, end: text.length }
  let block = { start: -1, end: -1 }
  return (at) => {
    if (block.start >= at) return block
    const start = text.indexOf(open, at)
    const end = start < 0 ? -1 : text.indexOf(close, start + open.length)
    block = end < 0 ? none : { start, end: end + close.length }
    return block
  }
}

/** Of braces, and of what LaTeX nests by name. */
function depth(source: string): number {
  let [now, most] = [0, 0]
  for (const [mark] of source.matchAll(/\\left(?![a-z])|\\right(?![a-z])|\\begin|\\end|\\.|[{}]/gs)) {
    if (mark === '{' || mark === '\\left' || mark === '\\begin') most = Math.max(most, ++now)
    else if (mark === '}' || mark === '\\right' || mark === '\\end') now--
  }
  return most
}
