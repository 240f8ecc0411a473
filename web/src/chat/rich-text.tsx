/** Markdown with maths. KaTeX comes when it is first needed. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { renderMarkdown, type Typeset } from './markdown.ts'

let typeset: Typeset | undefined

const MATHS = /\$[^$]+\$|\\\(|\\\[/

export function RichText({ text }: { text: string }) {
  const [ready, setReady] = useState(typeset !== undefined)
  useEffect(() => {
    if (typeset === undefined && MATHS.test(text)) void loadKatex().then(() => setReady(true))
  }, [text])
  // markdown-it escapes all HTML, KaTeX runs without trust
  const html = useMemo(() => renderMarkdown(text, typeset), [text, ready])
  return <div class="rich" dangerouslySetInnerHTML={{ __html: html }} />
}

/** Typeset once, however often the text around them grows. */
const known = new Map<string, string>()

async function loadKatex(): Promise<void> {
  const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')])
  typeset = (source, displayMode) => {
    const key = `${displayMode} ${source}`
    const before = known.get(key)
    if (before !== undefined) return before
    const formula = katex.renderToString(source, {
      displayMode,
      throwOnError: false,
      trust: false,
      maxExpand: 200,
    })
    // It scrolls where it is wider than the page; the keyboard must reach it.
    const html = displayMode ? `<div class="display" tabindex="0">${formula}</div>` : formula
    if (known.size > 2000) known.clear()
    known.set(key, html)
    return html
  }
}
