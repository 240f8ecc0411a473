/** Markdown with maths. HTML in a model's words stays text, pictures are not fetched; KaTeX comes when first needed. */
import MarkdownIt from 'markdown-it'
import { useEffect, useState } from 'preact/hooks'

type Typeset = (source: string, display: boolean) => string
let typeset: Typeset | undefined

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true }).disable('image')
for (const { open, close, display } of [
  { open: '$$', close: '$$', display: true },
  { open: '\\[', close: '\\]', display: true },
  { open: '\\(', close: '\\)', display: false },
  { open: '$', close: '$', display: false },
])
  markdown.inline.ruler.before('escape', `maths ${open}`, (state, silent) => {
    if (!state.src.startsWith(open, state.pos)) return false
    const start = state.pos + open.length
    const end = state.src.indexOf(close, start)
    const source = state.src.slice(start, end)
    if (end < 0 || source.trim() === '') return false
    // Two prices in a sentence are no formula.
    if (open === '$' && (/^\s|\s$/.test(source) || /^\d/.test(state.src.slice(end + 1)))) return false
    if (!silent) {
      const token = state.push('maths', display ? 'div' : 'span', 0)
      token.content = source
      token.meta = { display }
    }
    state.pos = end + close.length
    return true
  })
markdown.renderer.rules.maths = (tokens, index) => {
  const { content, meta } = tokens[index]!
  return typeset === undefined ? markdown.utils.escapeHtml(content) : typeset(content, meta?.display === true)
}

const MATHS = /\$[^$]+\$|\\\(|\\\[/

export function RichText({ text }: { text: string }) {
  const [, setReady] = useState(typeset !== undefined)
  useEffect(() => {
    if (typeset === undefined && MATHS.test(text)) void loadKatex().then(() => setReady(true))
  }, [text])
  // markdown-it escapes all HTML, KaTeX runs without trust
  return <div class="rich" dangerouslySetInnerHTML={{ __html: markdown.render(blocksApart(text)) }} />
}

/** A formula over several lines is one paragraph only without the blank lines some models put in it. */
function blocksApart(text: string): string {
  return text.replaceAll(/\\\[[\s\S]*?\\\]|\$\$[\s\S]*?\$\$/g, (block) => block.replaceAll(/\n\s*\n/g, '\n'))
}

async function loadKatex(): Promise<void> {
  const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')])
  typeset = (source, displayMode) =>
    katex.renderToString(source, { displayMode, throwOnError: false, trust: false, maxExpand: 200 })
}
