/** CSV after RFC 4180 with a header line: quoted fields may hold commas, line ends and doubled quotes. Files that fit in memory. */
import { DataError } from '../errors.ts'
import type { JsonlRow } from './jsonl.ts'
import { readTextFile } from './text-file.ts'

export async function readCsv(path: string): Promise<JsonlRow[]> {
  const [header, ...records] = parseCsv(await readTextFile(path), path)
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
        let end = text.indexOf('"', at + 1)
        while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
        if (end < 0) throw new DataError('a quote is never closed.', { field: `${path}:${line}` })
        field = text.slice(at + 1, end).replaceAll('""', '"')
        line += field.split('\n').length - 1
        at = end + 1
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
