/** The tokenizer in a folder or a file on this machine's disk. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isGgufPath, openGguf } from '../disk/gguf.ts'
import { readWholeFile } from '../disk/whole-file.ts'
import { CheckpointError } from '../errors.ts'
import { tokenizerFilesFromGguf } from './gguf-tokenizer.ts'
import { TOKENIZER_FILES, type Tokenizer, tokenizerFromFiles } from './tokenizer.ts'

/** Of a model folder, or the one inside a GGUF file. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  if (isGgufPath(folder)) {
    const file = await openGguf(folder)
    await file.close()
    return tokenizerFromFiles(tokenizerFilesFromGguf(file.metadata, folder), folder)
  }
  const names = await readdir(folder).catch((cause) => {
    throw new CheckpointError('cannot be read.', {
      field: folder,
      remedy: 'Give the folder of a model.',
      cause,
    })
  })
  const wanted = TOKENIZER_FILES.filter((name) => names.includes(name))
  const texts = await Promise.all(
    wanted.map(
      async (name) =>
        [name, (await readWholeFile(join(folder, name), CheckpointError)).toString('utf8')] as const,
    ),
  )
  return tokenizerFromFiles(Object.fromEntries(texts), folder)
}
