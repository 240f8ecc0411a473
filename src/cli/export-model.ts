/** A model as other programs open it. The weights are streamed tensor by tensor. */
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { WrittenType } from '../disk/encode-safetensors.ts'
import { replaceFile, syncFolder } from '../disk/replace-file.ts'
import type { TensorStore } from '../disk/tensor-store.ts'
import type { WrittenGgufType } from '../disk/write-gguf.ts'
import { openTensors, readModelConfig, writeModel } from '../engine/embedded/model-folder.ts'
import { ConfigError } from '../errors.ts'
import { modelFolder } from '../loading/local-model.ts'
import type { DecoderConfig } from '../model/config.ts'
import { decoderConfigToHuggingFace } from '../model/config-json.ts'
import { writeOnnxModel } from '../model/onnx-model.ts'
import { parameterSpecs } from '../model/parameters.ts'
import { writeGgufModel } from '../model/write-gguf-model.ts'
import { loadTokenizer } from '../text/load-tokenizer.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { ggufTokenizer } from '../text/tokenizer-to-gguf.ts'
import { printJson, printLine, printNote } from './output.ts'

const DTYPES = {
  safetensors: ['f32', 'f16', 'bf16'],
  gguf: ['f32', 'f16', 'bf16', 'q8_0'],
  onnx: ['f32'],
} as const
export const MODEL_FORMATS = Object.keys(DTYPES)

export interface ModelExportFlags {
  dtype?: string
  output?: string
  json?: boolean
}

interface Source {
  name: string
  config: DecoderConfig
  tokenizer: Tokenizer
  tensors: TensorStore
}

export async function exportModel(
  model: string,
  asked: string,
  { dtype = 'f32', output, json = false }: ModelExportFlags,
): Promise<void> {
  const format = asked as keyof typeof DTYPES
  if (output === undefined)
    throw new ConfigError('missing.', {
      field: '--output',
      expected: format === 'gguf' ? 'a new file, such as model.gguf' : 'a new folder',
    })
  const types: readonly string[] = DTYPES[format]
  if (!types.includes(dtype))
    throw new ConfigError(`${format} is not written so.`, {
      field: '--dtype',
      value: dtype,
      expected: types.length === 1 ? types[0]! : `one of ${types.join(', ')}`,
    })
  if (format === 'gguf' && !output.endsWith('.gguf'))
    throw new ConfigError('a GGUF model is one file.', {
      field: '--output',
      value: output,
      expected: 'a name that ends in .gguf',
    })
  if (existsSync(output))
    throw new ConfigError('is there already.', {
      field: '--output',
      value: output,
      remedy: 'Name another place, or remove it.',
    })
  const folder = await modelFolder(model)
  const config = await readModelConfig(folder)
  const tokenizer = await loadTokenizer(folder)
  const tensors = await openTensors(folder)
  try {
    const source = { name: basename(resolve(model)).replace(/\.gguf$/i, ''), config, tokenizer, tensors }
    if (format === 'gguf') await exportGguf(output, source, dtype.toUpperCase() as WrittenGgufType)
    else
      await writeFolder(output, (beside) =>
        format === 'onnx' ? exportOnnx(beside, source) : exportSafetensors(beside, source, dtype),
      )
  } finally {
    await tensors.close()
  }
  if (json) printJson({ model, format, dtype, output })
  else printLine(output)
}

const exportSafetensors = (folder: string, { config, tokenizer, tensors }: Source, dtype: string) =>
  writeModel(folder, {
    config,
    tensors: parameterSpecs(config).map(({ name, shape }) => ({
      name,
      shape,
      data: () => tensors.read(name, shape),
    })),
    companionFiles: tokenizer.files,
    dtype: dtype.toUpperCase() as WrittenType,
  })

async function exportOnnx(folder: string, { config, tokenizer, tensors }: Source): Promise<void> {
  for (const [name, contents] of Object.entries(tokenizer.files))
    await replaceFile(join(folder, name), contents)
  const json = JSON.stringify(decoderConfigToHuggingFace(config), null, 2)
  await replaceFile(join(folder, 'config.json'), `${json}\n`)
  await writeOnnxModel(folder, config, tensors)
}

async function exportGguf(path: string, source: Source, dtype: WrittenGgufType): Promise<void> {
  const { metadata, exact } = ggufTokenizer(source.tokenizer, source.config.vocabularySize)
  await writeGgufModel(path, { ...source, tokenizer: metadata, dtype })
  if (!exact)
    printNote(
      "llama.cpp has no tokenizer that cuts text as this model's does: give it token ids, or check what it makes of text.",
    )
}

/** The folder appears once it is whole. */
async function writeFolder(path: string, write: (beside: string) => Promise<void>): Promise<void> {
  const parent = dirname(resolve(path))
  const beside = join(parent, `.${basename(path)}.partial`)
  await rm(beside, { recursive: true, force: true })
  await mkdir(beside, { recursive: true })
  try {
    await write(beside)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    throw error
  }
  await syncFolder(parent)
}
