/** Written by tools/settings-interfaces.ts from the schemas of the settings. Do not edit it by hand. */
import type { GrpoSettings, OnPolicyDistillationSettings, PretrainSettings } from '../algorithms/settings.ts'
import type { StageEvaluationSettings } from './settings.ts'

/** Settings of `r1 train distill` (R1 §2.4). */
export interface DistillSettings {
  /** Seed of all randomness: the same seed gives the same run. A whole number, at least 0. Default: `1`. */
  seed?: number | undefined
  /** Model whose responses are sampled where `examples` names none, and that scores tokens in on-policy distillation: a folder, a run or folder@http://server/v1. Default: `""`. */
  teacher?: string | undefined
  /** File of prompts and responses to learn from, as the paper's students learn what Dev3 learned (R1 §2.4): runs/r1/data/data.jsonl; empty samples the teacher. Default: `""`. */
  examples?: string | undefined
  data?:
    | {
        /** Questions for the teacher. A whole number, at least 1. Default: `150000`. */
        questions?: number | undefined
        /** Responses to each question. A whole number, at least 1. Default: `4`. */
        samples?: number | undefined
        /** At most this many right and readable responses are kept for each question. A whole number, at least 1. Default: `4`. */
        keep?: number | undefined
        /** Demonstrations of general requests. A whole number, at least 0. Default: `200000`. */
        demonstrations?: number | undefined
        /** Sampling temperature of the teacher. A number, above 0. Default: `0.6`. */
        temperature?: number | undefined
      }
    | undefined
  /** The students, at least one. Default: `[]`. */
  students?:
    | {
        /** Name of the student; its folders are called after it. */
        name: string
        /** Model folder of the student; null makes a pocket model with `pretrain`. Default: `null`. */
        model?: string | null | undefined
        /** How to make a pocket student when there is no folder. */
        pretrain?:
          | {
              /** Shape of the decoder: Qwen2 or Llama with a tied head, or DeepSeek-V3. */
              model?:
                | {
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
                | undefined
              /** What the synthetic web consists of. */
              corpus?:
                | {
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
                | undefined
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
              /** Tokens in one forward and backward pass of the embedded engine: fewer need less memory. A whole number, at least 1. Default: `5120`. */
              microBatchTokens?: number | undefined
            }
          | undefined
        /** Fine-tuning of this student: the paper gives larger ones lower learning rates (R1 v2 SB.4.3). */
        sft?:
          | {
              /** Passes over the data. A whole number, at least 1. Default: `2`. */
              epochs?: number | undefined
              /** Examples in each update. A whole number, at least 1. Default: `64`. */
              batchSize?: number | undefined
              /** Length limit of an example in tokens, prompt included; longer examples are left out. A whole number, at least 2. Default: `32768`. */
              maxTokens?: number | undefined
              /** Share of the examples kept for the validation loss; the paper does not state it. A number, at least 0 and at most 0.5. Default: `0.02`. */
              validationShare?: number | undefined
              /** Peak learning rate. A number, above 0. Default: `0.0001`. */
              learningRate?: number | undefined
              /** Steps of linear learning-rate warm-up; the paper does not state it. A whole number, at least 0. Default: `0`. */
              warmupSteps?: number | undefined
              /** Learning-rate schedule after the warm-up. Default: `"cosine"`. */
              decay?: 'constant' | 'cosine' | 'linear' | undefined
              /** Learning rate at the end of the decay, as a share of the peak. A number, at least 0 and at most 1. Default: `0.1`. */
              finalShare?: number | undefined
              /** AdamW: decay of the first moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.9`. */
              beta1?: number | undefined
              /** AdamW: decay of the second moment; the paper does not state it. A number, at least 0 and below 1. Default: `0.95`. */
              beta2?: number | undefined
              /** AdamW: added to the root of the second moment; the paper does not state it. A number, above 0. Default: `1e-8`. */
              epsilon?: number | undefined
              /** AdamW: weight decay; the paper does not state it. A number, at least 0. Default: `0`. */
              weightDecay?: number | undefined
              /** Largest L2 norm of the gradient; 0 turns clipping off. The paper does not state it. A number, at least 0. Default: `1`. */
              gradientClipNorm?: number | undefined
            }
          | undefined
      }[]
    | undefined
  reinforcement?:
    | {
        /** Also train each student by reinforcement alone, for comparison (R1 §4.1). Default: `true`. */
        enabled?: boolean | undefined
        grpo?: GrpoSettings | undefined
      }
    | undefined
  onPolicy?:
    | {
        /** Continue with on-policy distillation after the fine-tuning (arXiv 2306.13649). Default: `false`. */
        enabled?: boolean | undefined
        grpo?: OnPolicyDistillationSettings | undefined
      }
    | undefined
  /** Source of questions, requests and preferences: pocket, or a TypeScript file that exports `world`. Default: `"pocket"`. */
  world?: string | undefined
  evaluation?: StageEvaluationSettings | undefined
  /** Steps between checkpoints. A whole number, at least 1. Default: `10`. */
  checkpointEvery?: number | undefined
  /** Tokens in one forward and backward pass of the embedded engine: fewer need less memory. A whole number, at least 64. Default: `4096`. */
  microBatchTokens?: number | undefined
}
