/**
 * The pocket base model in DeepSeek-V3's architecture (arXiv 2412.19437): the same corpus, tokenizer and schedule as
 * `pocket-base`, about as many parameters for each token, twice as many in all.
 */
export const pocketV3 = {
  model: {
    architecture: 'deepseek_v3',
    hiddenSize: 192,
    // The dense layer is as wide as a token's experts and the shared one together, and a half.
    intermediateSize: 512,
    numLayers: 4,
    numHeads: 4,
    deepseekV3: {
      latentSize: 64,
      plainHeadSize: 32,
      rotaryHeadSize: 16,
      valueHeadSize: 48,
      numDenseLayers: 1,
      // Two groups of four, one of which is searched: the smallest case of all that the router does.
      experts: 8,
      expertsPerToken: 2,
      groups: 2,
      groupsPerToken: 1,
      sharedExperts: 1,
      expertSize: 112,
      predictionModules: 1,
    },
  },
}
