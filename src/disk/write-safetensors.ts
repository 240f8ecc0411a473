/** Writes a safetensors file to this machine's disk. */
import { encodeSafetensors, type SafetensorsOptions, type TensorToWrite } from './encode-safetensors.ts'
import { replaceFile } from './replace-file.ts'

/** Replaces the file as a whole. */
export const writeSafetensors = async (
  path: string,
  tensors: readonly TensorToWrite[],
  options?: SafetensorsOptions,
): Promise<void> => await replaceFile(path, encodeSafetensors(tensors, options))
