/** Written by tools/settings-interfaces.ts from the schemas of the settings. Do not edit it by hand. */
import type { GrpoSettings, OnPolicyDistillationSettings, PretrainSettings } from '../algorithms/settings.ts'
import type { CorpusSettings, DecoderShapeSettings } from './pretrain-settings.ts'
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
        /** Times a question is asked while fewer than `keep` of its responses stay: more samples where few are right. A whole number, at least 1. Default: `1`. */
        rounds?: number | undefined
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
  /** Tokens in one forward and backward pass of the embedded engine: fewer need less memory. A whole number, at least 64. Default: `1024`. */
  microBatchTokens?: number | undefined
}
