/** A Llama of random weights with the pocket tokenizer, as a folder that every engine opens: two layers, 100,000 weights. */
import { createEmbeddedEngine } from '../src/engine/embedded/local-engine.ts'
import type { LlamaConfig } from '../src/model/config.ts'
import { initialWeights, parameterSpecs } from '../src/model/parameters.ts'
import { randomStream } from '../src/random.ts'
import { pocketTokenizerFiles } from '../src/text/pocket-tokenizer.ts'
import { tokenizerFromFiles } from '../src/text/tokenizer.ts'

export async function writeTinyLlama(folder: string): Promise<void> {
  const companionFiles = pocketTokenizerFiles()
  const config: LlamaConfig = {
    architecture: 'llama',
    vocabularySize: tokenizerFromFiles(companionFiles).vocabSize,
    hiddenSize: 64,
    intermediateSize: 128,
    numLayers: 2,
    numHeads: 4,
    numKeyValueHeads: 2,
    headSize: 16,
    maxPositions: 512,
    rmsNormEpsilon: 1e-6,
    ropeTheta: 10_000,
    attentionBias: false,
    tieEmbeddings: false,
  }
  const weights = initialWeights(config, parameterSpecs(config), 1)
  // Wide enough that its distributions are far from uniform.
  const { normal } = randomStream(1, 'tiny llama')
  for (let i = 0; i < weights.length; i++) weights[i]! += 0.05 * normal()
  const engine = createEmbeddedEngine({ config, weights, companionFiles })
  await engine.save(folder)
  engine.close()
}

if (process.argv[1]?.endsWith('tiny-llama.ts')) await writeTinyLlama(process.argv[2]!)
