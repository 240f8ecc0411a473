/** A run as one HTML file without anything outside it: figures, tables, transcripts. Reads well on paper and in the dark. */
import { curvesSvg } from './curves.ts'
import { reportTables } from './run-report.ts'
import type { RunSummary } from './run-summary.ts'
import { stageFigure } from './stage-figure.ts'
import { escapeXml } from './svg.ts'
import type { Column } from './tables.ts'
import type { Transcript } from './transcript.ts'

export function reportHtml(summary: RunSummary, transcripts: readonly Transcript[]): string {
  const { facts, results, course, settings } = reportTables(summary)
  const bars = stageFigure(summary.results)
  const name = summary.folder.split(/[\\/]/).at(-1)!
  const sections = [
    `<header><h1>${escapeXml(name)}</h1><p>${facts.map(escapeXml).join(' · ')}</p></header>`,
    `<figure>${curvesSvg([summary])}</figure>`,
    ...section('Results', results),
    ...(bars === null ? [] : [`<figure>${bars}</figure>`]),
    ...(transcripts.length === 0 ? [] : ['<h2>Before and after</h2>', ...transcripts.map(transcript)]),
    ...section('Course', course),
    ...section('Settings that are not the defaults', settings),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(name)}</title>
<style>${STYLE}</style>
</head>
<body>
${sections.join('\n')}
</body>
</html>
`
}

function section(title: string, table: { columns: readonly Column[]; rows: readonly string[][] }): string[] {
  if (table.rows.length === 0) return []
  const cell = (tag: 'th' | 'td', text: string, column: Column | undefined) =>
    `<${tag}${column?.align === 'right' ? ' class="right"' : ''}>${escapeXml(text)}</${tag}>`
  const head = table.columns.map((column) => cell('th', column.name, column)).join('')
  const body = table.rows.map(
    (row) => `<tr>${row.map((text, i) => cell('td', text, table.columns[i])).join('')}</tr>`,
  )
  return [
    `<h2>${escapeXml(title)}</h2>`,
    `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`,
  ]
}

function transcript({ question, answer, responses }: Transcript): string {
  const blocks = responses.map(
    ({ name, text, correct, numTokens }) =>
      `<div><p><b>${escapeXml(name)}</b> <span class="${correct ? 'right-answer' : 'wrong-answer'}">${correct ? 'right' : 'wrong'}</span> ${numTokens} tokens</p><pre>${escapeXml(text.trim())}</pre></div>`,
  )
  return `<article><p class="question">${escapeXml(question.trim())}</p><p>Reference answer <code>${escapeXml(answer)}</code></p><div class="sides">${blocks.join('')}</div></article>`
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#16181d, #e9ebf0); --muted: light-dark(#626977, #969eae); --line: light-dark(#e7e7e2, #2a2f3a); --soft: light-dark(#f6f6f3, #171a20); }
body { max-width: 1080px; margin: 0 auto; padding: 48px 28px 80px; font: 15px/1.6 system-ui, sans-serif; color: var(--ink); background: light-dark(#fff, #0f1115); }
h1 { font-size: 1.8rem; letter-spacing: -0.02em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 44px 0 12px; }
header p, article > p, article div p { color: var(--muted); margin: 6px 0; }
figure { margin: 28px 0; } svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 22px 6px 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 500; color: var(--muted); } .right { text-align: right; }
article { margin: 18px 0; padding: 18px 22px; border: 1px solid var(--line); border-radius: 12px; break-inside: avoid; }
article .question { color: var(--ink); font-weight: 600; font-size: 1.05rem; margin: 0; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 16px; }
pre, code { font-family: ui-monospace, monospace; font-size: 0.86rem; background: var(--soft); border-radius: 8px; }
pre { margin: 0; padding: 12px 14px; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.65; } code { padding: 1px 6px; }
.right-answer { color: light-dark(#0f7b45, #56d39a); } .wrong-answer { color: light-dark(#bf2f2a, #ff8f86); }
`
