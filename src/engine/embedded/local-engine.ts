/** The embedded engine on this machine: ONNX Runtime where no other runtime is given, and the folders of its disk. */
import { createOnnxRuntime } from '../../runtime/onnx-runtime.ts'
import { createEngine, type EmbeddedEngine, type EmbeddedEngineOptions } from './embedded-engine.ts'
import { diskFiles } from './model-folder.ts'

export const createEmbeddedEngine = ({
  runtime = createOnnxRuntime,
  ...options
}: EmbeddedEngineOptions): EmbeddedEngine => createEngine({ ...options, runtime, files: diskFiles })
