/** What a file is to hold, wherever it is written. */

export type WriteChunk = (chunk: string | Uint8Array) => Promise<void>
/** The whole of it, or a function that writes it chunk by chunk. */
export type FileContents = string | Uint8Array | ((write: WriteChunk) => Promise<void>)

export interface FileToWrite {
  name: string
  contents: FileContents
}
