/** An engine's folders in the memory of the tab: files by their paths. */
import { decodeSafetensors } from '../../../src/disk/decode-safetensors.ts'
import type { FileContents } from '../../../src/disk/file-contents.ts'
import type { EngineFiles } from '../../../src/engine/embedded/engine-files.ts'
import { CheckpointError } from '../../../src/errors.ts'

export type FileMap = Map<string, Uint8Array<ArrayBuffer>>

export function memoryFiles(files: FileMap): EngineFiles {
  const openTensors = (path: string) => {
    const bytes = files.get(path)
    if (bytes === undefined) throw new CheckpointError('no such file.', { field: path })
    return decodeSafetensors(path, bytes)
  }
  return {
    async write(folder, written) {
      for (const { name, contents } of written) files.set(`${folder}/${name}`, await bytesOf(contents))
    },
    async readJson(path) {
      const bytes = files.get(path)
      return bytes && JSON.parse(new TextDecoder().decode(bytes))
    },
    openModel: async (folder) => openTensors(`${folder}/model.safetensors`),
    openTensors: async (path) => openTensors(path),
  }
}

/** The files of a folder by their names in it. */
export const filesIn = (files: FileMap, folder: string): FileMap =>
  new Map(
    [...files].flatMap(([path, bytes]) =>
      path.startsWith(`${folder}/`) ? [[path.slice(folder.length + 1), bytes]] : [],
    ),
  )

async function bytesOf(contents: FileContents): Promise<Uint8Array<ArrayBuffer>> {
  const parts: BlobPart[] = []
  const write = async (chunk: string | Uint8Array) => {
    // A copy: what is written next may reuse the memory.
    parts.push(typeof chunk === 'string' ? chunk : chunk.slice())
  }
  if (typeof contents === 'function') await contents(write)
  else await write(contents)
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}
