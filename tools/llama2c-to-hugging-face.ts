/**
 * A model of llama2.c (a .bin of version 0 and its tokenizer .bin) as a Hugging Face folder.
 *
 *     npx tsx tools/llama2c-to-hugging-face.ts test/golden/fixtures/stories260K/stories260K.bin \
 *       test/golden/fixtures/stories260K/tok512.bin models/stories260K
 *     npx r1 export models/stories260K --format gguf --output stories260K.gguf
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeModel } from '../src/engine/embedded/model-folder.ts'
import { decoderConfigFromHuggingFace } from '../src/model/config-json.ts'
import { parameterSpecs } from '../src/model/parameters.ts'
import { pairsToHalves } from '../src/model/rotary-pairs.ts'
import { type ScoredToken, sentencePieceTokenizer } from '../src/text/sentencepiece-bpe.ts'

export async function convertLlama2c(model: string, tokenizer: string, folder: string): Promise<void> {
  const bytes = readFileSync(model)
  const header = Array.from({ length: 7 }, (_, i) => bytes.readInt32LE(4 * i))
  const [dim, hidden, layers, heads, keyValueHeads, vocabulary, context] = header as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const config = decoderConfigFromHuggingFace({
    model_type: 'llama',
    hidden_size: dim,
    intermediate_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    vocab_size: Math.abs(vocabulary),
    max_position_embeddings: context,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: vocabulary > 0,
  })
  const headSize = dim / heads
  let at = 28
  const take = (rows: number, columns = 1): Float32Array => {
    const values = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * rows * columns),
    )
    at += values.byteLength
    return values
  }
  const found = new Map([['model.embed_tokens.weight', take(Math.abs(vocabulary), dim)]])
  // The file has each kind of tensor for all layers in a row.
  const inLayers = (name: string, rows: number, columns = 1, rotated = false) => {
    for (let layer = 0; layer < layers; layer++) {
      const values = take(rows, columns)
      if (rotated) pairsToHalves(values, rows, headSize)
      found.set(`model.layers.${layer}.${name}.weight`, values)
    }
  }
  inLayers('input_layernorm', dim)
  inLayers('self_attn.q_proj', dim, dim, true)
  inLayers('self_attn.k_proj', keyValueHeads * headSize, dim, true)
  inLayers('self_attn.v_proj', keyValueHeads * headSize, dim)
  inLayers('self_attn.o_proj', dim, dim)
  inLayers('post_attention_layernorm', dim)
  inLayers('mlp.gate_proj', hidden, dim)
  inLayers('mlp.down_proj', dim, hidden)
  inLayers('mlp.up_proj', hidden, dim)
  found.set('model.norm.weight', take(dim))
  at += 2 * 4 * context * (headSize / 2)
  if (vocabulary < 0) found.set('lm_head.weight', take(-vocabulary, dim))
  if (at !== bytes.length) throw new Error(`${model}: ${bytes.length} bytes, ${at} expected`)
  await writeModel(folder, {
    config,
    tensors: parameterSpecs(config).map(({ name, shape }) => ({ name, shape, data: found.get(name)! })),
    companionFiles: tokenizerFiles(readFileSync(tokenizer), Math.abs(vocabulary)),
    dtype: 'F32',
  })
}

function tokenizerFiles(bytes: Buffer, size: number): Record<string, string> {
  const special: Record<number, [string, ScoredToken['kind']]> = {
    0: ['<unk>', 'unknown'],
    1: ['<s>', 'control'],
    2: ['</s>', 'control'],
  }
  let at = 4
  const tokens = Array.from({ length: size }, (_, id): ScoredToken => {
    const [score, length] = [bytes.readFloatLE(at), bytes.readInt32LE(at + 4)]
    const text = bytes.toString('utf8', at + 8, at + 8 + length)
    at += 8 + length
    const [name, kind] = special[id] ?? [text.replaceAll(' ', '▁'), id < 259 ? 'byte' : 'normal']
    return { text: name, score, kind }
  })
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: '<s>',
    eos_token: '</s>',
    unk_token: '<unk>',
  }
  return {
    'tokenizer.json': JSON.stringify(sentencePieceTokenizer(tokens, { addSpacePrefix: true })),
    'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n`,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [model, tokenizer, folder] = process.argv.slice(2)
  if (folder === undefined)
    throw new Error('usage: llama2c-to-hugging-face.ts MODEL.bin TOKENIZER.bin FOLDER')
  await convertLlama2c(model!, tokenizer!, folder)
}
