/** Token ids as the pieces of text they complete, by the tokenizer that a run saved or began with. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lastLines } from '../../disk/growing-lines.ts'
import { readRunInfo } from '../../run/folder.ts'
import { loadTokenizer } from '../../text/load-tokenizer.ts'
import type { Tokenizer } from '../../text/tokenizer.ts'
import { runFile } from './run-rows.ts'

const FILE = 'tokenizer.json'

/** Models that come with the package. */
const SHIPPED = join(import.meta.dirname, '../../../models')

/** Undefined where no tokenizer is found; the page then shows text without tokens. */
export async function runTokenizer(folder: string): Promise<Tokenizer | undefined> {
  const latest =
    lastLines(runFile(folder, 'checkpoints', 'latest'), 64)
      .at(-1)
      ?.trim() ?? ''
  const { model } = readRunInfo(folder).config
  const own = [runFile(folder, 'model', FILE), runFile(folder, 'checkpoints', latest, FILE)]
  const places = [
    ...own.filter((path) => path !== '').map(dirname),
    ...(typeof model === 'string' ? [model, join(model, 'model'), join(SHIPPED, model)] : []),
  ]
  const found = places.find((place) => existsSync(join(place, FILE)))
  return found === undefined ? undefined : await loadTokenizer(found)
}

export function tokenPieces(tokenizer: Tokenizer, ids: readonly number[]): string[] {
  const decoder = tokenizer.decoder()
  const pieces = ids.map(
    (id) => decoder.push(id) || (tokenizer.eosToken === tokenizer.tokenOf(id) ? '⏹' : ''),
  )
  const rest = decoder.end()
  if (rest !== '' && pieces.length > 0) pieces[pieces.length - 1] += rest
  return pieces
}
