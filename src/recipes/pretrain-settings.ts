/** Written by tools/settings-interfaces.ts from the schemas of the settings. Do not edit it by hand. */
import type { PretrainSettings } from '../algorithms/settings.ts'

/** Settings of `r1 pretrain`. */
export interface PretrainRecipeSettings {
  /** Seed of the initial weights and the corpus. A whole number, at least 0. Default: `1`. */
  seed?: number | undefined
  /** Shape of the decoder: Qwen2 or Llama with a tied head, or DeepSeek-V3. */
  model?: DecoderShapeSettings | undefined
  /** What the synthetic web consists of. */
  corpus?: CorpusSettings | undefined
  pretrain?: PretrainSettings | undefined
  /** A last part of the training, on a corpus whose searches hesitate more often. */
  annealing?:
    | {
        /** Number of updates in this last part. A whole number, at least 0. Default: `100`. */
        steps?: number | undefined
        /** Chance that a search says `wait` before a try. A number, at least 0 and at most 1. Default: `0.5`. */
        wait?: number | undefined
      }
    | undefined
  evaluation?:
    | {
        /** Number of held-out problems. A whole number, at least 1. Default: `256`. */
        questions?: number | undefined
        /** Responses to each question: the k of pass@k. A whole number, at least 1. Default: `16`. */
        samples?: number | undefined
      }
    | undefined
  /** Steps between checkpoints. A whole number, at least 1. Default: `100`. */
  checkpointEvery?: number | undefined
  /** Tokens in one forward and backward pass of the embedded engine: fewer need less memory. A whole number, at least 1. Default: `1024`. */
  microBatchTokens?: number | undefined
}

/** Shape of a decoder that is made: Qwen2 or Llama with a tied head, or DeepSeek-V3. */
export interface DecoderShapeSettings {
  /** Default: `"qwen2"`. */
  architecture?: 'qwen2' | 'llama' | 'deepseek_v3' | undefined
  /** A whole number, at least 1. Default: `192`. */
  hiddenSize?: number | undefined
  /** A whole number, at least 1. Default: `512`. */
  intermediateSize?: number | undefined
  /** A whole number, at least 1. Default: `4`. */
  numLayers?: number | undefined
  /** A whole number, at least 1. Default: `4`. */
  numHeads?: number | undefined
  /** A whole number, at least 1. Default: `4`. */
  numKeyValueHeads?: number | undefined
  /** Longest sequence in tokens, prompt included. A whole number, at least 1. Default: `512`. */
  maxPositions?: number | undefined
  /** Sizes that only DeepSeek-V3 has; other architectures ignore them. */
  deepseekV3?:
    | {
        /** Rank of the query projection (q_lora_rank); 0 is a plain projection. A whole number, at least 0. Default: `0`. */
        queryRank?: number | undefined
        /** Size of the latent that keys and values are computed from (kv_lora_rank). A whole number, at least 1. Default: `64`. */
        latentSize?: number | undefined
        /** Size of the part of a head without positions. A whole number, at least 1. Default: `32`. */
        plainHeadSize?: number | undefined
        /** Size of the part of a head with rotary positions; must be even. A whole number, at least 1. Default: `16`. */
        rotaryHeadSize?: number | undefined
        /** A whole number, at least 1. Default: `48`. */
        valueHeadSize?: number | undefined
        /** How many of the first layers are dense (without experts). A whole number, at least 0. Default: `1`. */
        numDenseLayers?: number | undefined
        /** Routed experts in each layer. A whole number, at least 1. Default: `8`. */
        experts?: number | undefined
        /** Routed experts for each token. A whole number, at least 1. Default: `2`. */
        expertsPerToken?: number | undefined
        /** Experts that every token passes through. A whole number, at least 1. Default: `1`. */
        sharedExperts?: number | undefined
        /** Inner size of one expert. A whole number, at least 1. Default: `112`. */
        expertSize?: number | undefined
        /** Groups that the routed experts are divided into. A whole number, at least 1. Default: `1`. */
        groups?: number | undefined
        /** Groups that a token may choose its experts from. A whole number, at least 1. Default: `1`. */
        groupsPerToken?: number | undefined
        /** Factor on the weights of the routed experts, which sum to 1. A number, above 0. Default: `1`. */
        factor?: number | undefined
        /** Multi-token prediction modules: 0 or 1. A whole number, at least 0 and at most 1. Default: `1`. */
        predictionModules?: number | undefined
      }
    | undefined
}

/** What the synthetic web of the pocket world consists of. */
export interface CorpusSettings {
  families?:
    | {
        /** A number, at least 0. Default: `0.7`. */
        countdown?: number | undefined
        /** A number, at least 0. Default: `0.125`. */
        arithmetic?: number | undefined
        /** A number, at least 0. Default: `0.125`. */
        equation?: number | undefined
        /** A number, at least 0. Default: `0.05`. */
        facts?: number | undefined
      }
    | undefined
  styles?:
    | {
        /** A number, at least 0. Default: `0.65`. */
        guess?: number | undefined
        /** A number, at least 0. Default: `0.19`. */
        giveUp?: number | undefined
        /** A number, at least 0. Default: `0.16`. */
        persistent?: number | undefined
      }
    | undefined
  /** A number, at least 0. Default: `0.35`. */
  templateShare?: number | undefined
  /** A number, at least 0. Default: `0.7`. */
  tidyShare?: number | undefined
  /** A number, at least 0. Default: `0.1`. */
  guessThinksShare?: number | undefined
  /** Default: `[1,4]`. */
  giveUpTries?: number[] | undefined
  /** A whole number, at least 1. Default: `36`. */
  maxTries?: number | undefined
  /** A number, at least 0. Default: `0.5`. */
  keepStepShare?: number | undefined
  /** A number, at least 0. Default: `0.5`. */
  systematicShare?: number | undefined
  language?:
    | {
        /** A number, at least 0. Default: `0.7`. */
        englishQuestions?: number | undefined
        /** A number, at least 0. Default: `0.8`. */
        sameLanguage?: number | undefined
        /** A number, at least 0. Default: `0.1`. */
        mixedGiveUp?: number | undefined
        /** A number, at least 0. Default: `0.31`. */
        mixedPersistent?: number | undefined
        /** A number, at least 0. Default: `0.25`. */
        switchShare?: number | undefined
      }
    | undefined
  noise?:
    | {
        /** A number, at least 0. Default: `0.005`. */
        slip?: number | undefined
        /** A number, at least 0. Default: `0.015`. */
        falseYes?: number | undefined
        /** A number, at least 0. Default: `0.5`. */
        caught?: number | undefined
        /** A number, at least 0. Default: `0.1`. */
        check?: number | undefined
        /** A number, at least 0. Default: `0.15`. */
        wait?: number | undefined
      }
    | undefined
  /** A whole number, at least 1. Default: `448`. */
  maxTokens?: number | undefined
}
