/** The fenced blocks of a Markdown text, as in CommonMark: three or more of one mark, closed by at least as many. */
export interface FencedBlock {
  /** Lower-case first word after the fence, '' where there is none. */
  tag: string
  /** The lines between the fences without the fence's own indentation, LF between them. */
  text: string
  /** False where the text ends before the block does. */
  closed: boolean
}

/** Fences stand at most `maxIndent` spaces in. What is never closed runs to the end. */
export function fencedBlocks(text: string, maxIndent = 3): FencedBlock[] {
  const fences = new RegExp(`^( {0,${maxIndent}})(\`{3,}|~{3,})[ \\t]*(.*)$`, 's')
  const blocks: FencedBlock[] = []
  let open: { mark: string; indent: number; tag: string; lines: string[] } | null = null
  for (const line of text.split(/\r?\n/)) {
    const fence = fences.exec(line)
    if (open === null) {
      const [, indent = '', mark = '', info = ''] = fence ?? []
      if (fence === null || (mark.startsWith('`') && info.includes('`'))) continue
      const tag = /^[{.]*([\w+#-]*)/.exec(info.toLowerCase())?.[1] ?? ''
      open = { mark, indent: indent.length, tag, lines: [] }
    } else if (fence !== null && fence[2]!.startsWith(open.mark) && fence[3]!.trim() === '') {
      blocks.push({ tag: open.tag, text: open.lines.join('\n'), closed: true })
      open = null
    } else open.lines.push(line.replace(new RegExp(`^ {0,${open.indent}}`), ''))
  }
  if (open !== null) blocks.push({ tag: open.tag, text: open.lines.join('\n'), closed: false })
  return blocks
}
