/** Text in lines of a terminal's width. */
import { displayWidth, takeColumns } from '../measures/format.ts'

/** Breaks at spaces, and within words longer than a line. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      let rest = word
      if (line !== '' && displayWidth(line) + 1 + displayWidth(rest) > width) {
        lines.push(line)
        line = ''
      }
      while (displayWidth(rest) > width) {
        const head = takeColumns(rest, width)
        lines.push(head)
        rest = rest.slice(head.length)
      }
      line = line === '' ? rest : `${line} ${rest}`
    }
    return [...lines, line]
  })
}

/** Lines that fit stay as they are; longer ones go on below, further in. */
export function wrapIndented(text: string, width: number): string {
  const lines = text.split('\n').flatMap((line) => {
    if (displayWidth(line) <= width) return [line]
    const indent = /^ */.exec(line)![0]
    const [first, ...rest] = wrapText(line.trimStart(), width - indent.length - 2)
    return [`${indent}${first}`, ...rest.map((more) => `${indent}  ${more}`)]
  })
  return lines.join('\n')
}

/** The beginning of a text that is longer than `width`, with an ellipsis. */
export const clipText = (text: string, width: number): string =>
  displayWidth(text) <= width ? text : `${takeColumns(text, width - 1)}…`
