/** CSV after RFC 4180 with a header line: quoted fields may hold commas, line ends and doubled quotes. Files that fit in memory. */
import { readFile } from 'node:fs/promises'
import { DataError } from '../errors.ts'
import type { JsonlRow } from './jsonl.ts'

export async function readCsv(path: string): Promise<JsonlRow[]> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  const [header, ...records] = parseCsv(text, path)
  if (header === undefined) return []
  return records.map(({ line, fields }) => {
    if (fields.length !== header.fields.length)
      throw new DataError(`${fields.length} fields under ${header.fields.length} column names.`, {
        field: `${path}:${line}`,
      })
    return { line, value: Object.fromEntries(header.fields.map((name, i) => [name, fields[i]!])) }
  })
}

function parseCsv(text: string, path: string): { line: number; fields: string[] }[] {
  const records: { line: number; fields: string[] }[] = []
  let line = 1
  let at = 0
  while (at < text.length) {
    const record = { line, fields: [] as string[] }
    for (;;) {
      let field: string
      if (text[at] === '"') {
        const quoted = /"((?:[^"]|"")*)"/y
        quoted.lastIndex = at
        const match = quoted.exec(text)
        if (match === null) throw new DataError('a quote is never closed.', { field: `${path}:${line}` })
        field = match[1]!.replaceAll('""', '"')
        line += field.split('\n').length - 1
        at = quoted.lastIndex
      } else {
        const plain = /[^,\r\n]*/y
        plain.lastIndex = at
        field = plain.exec(text)![0]
        at = plain.lastIndex
      }
      record.fields.push(field)
      if (text[at] !== ',') break
      at++
    }
    if (text.startsWith('\r\n', at)) at += 2
    else if (text[at] === '\n' || text[at] === '\r') at++
    else if (at < text.length)
      throw new DataError('text stands behind a closing quote.', { field: `${path}:${line}` })
    line++
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record)
  }
  return records
}
