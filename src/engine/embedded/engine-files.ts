/** Where an engine's folders are: on a disk (model-folder.ts), or in the memory of a browser's tab. */
import type { SafetensorsCheckpoint } from '../../disk/decode-safetensors.ts'
import type { FileToWrite } from '../../disk/file-contents.ts'
import type { TensorStore } from '../../disk/tensor-store.ts'

export interface EngineFiles {
  /** Replaces each of these files as a whole, in this order. */
  write(folder: string, files: readonly FileToWrite[]): Promise<void>
  /** What a JSON file says; undefined where there is no such file. */
  readJson(path: string): Promise<unknown>
  /** The tensors of a model by their Hugging Face names. */
  openModel(folder: string): Promise<TensorStore>
  /** The tensors of one safetensors file. */
  openTensors(path: string): Promise<SafetensorsCheckpoint>
}
