/** Written by tools/settings-interfaces.ts from the schemas of the settings. Do not edit it by hand. */
import type {
  GrpoSettings,
  LoraSettings,
  PpoSettings,
  RewardModelSettings,
  SftSettings,
} from '../algorithms/settings.ts'

/** Where a run trains: in this process, or on a server of the Tinker API. */
export interface EngineSettings {
  /** Server of the Tinker API to train on, e.g. http://127.0.0.1:8000; null trains in this process. Default: `null`. */
  url?: string | null | undefined
  /** Kind of server, for servers that do not report it. Default: `"auto"`. */
  server?: 'auto' | 'r1' | 'skyrl-jax' | 'skyrl-fsdp' | 'verl-tinker' | 'hosted' | undefined
  /** Name of the model on the server; null takes the only one that it serves. Default: `null`. */
  baseModel?: string | null | undefined
  /** Seconds without an answer before the run stops. A number, at least 0. Default: `300`. */
  patienceSeconds?: number | undefined
  /** Longest time for one operation of the server, in seconds. A number, above 0. Default: `3600`. */
  operationSeconds?: number | undefined
}

/** How the models of a pipeline are measured. */
export interface StageEvaluationSettings {
  /** Number of held-out questions with a verifier. A whole number, at least 1. Default: `256`. */
  questions?: number | undefined
  /** Number of held-out general requests. A whole number, at least 1. Default: `128`. */
  requests?: number | undefined
  /** Responses to each question: the k of pass@k. A whole number, at least 1. Default: `16`. */
  samples?: number | undefined
  /** Sampling temperature; the paper evaluates at 0.6 (R1 §3). A number, at least 0. Default: `0.6`. */
  temperature?: number | undefined
  /** Nucleus sampling; the paper evaluates at 0.95 (R1 §3). A number, at least 0 and at most 1. Default: `0.95`. */
  topP?: number | undefined
  /** Length limit of a response, in tokens. A whole number, at least 1. Default: `32768`. */
  maxTokens?: number | undefined
}

/** A weight that changes along a straight line. */
export interface WeightScheduleSettings {
  /** Weight at the first update. A number, at least 0. */
  from: number
  /** Weight after those updates, from then on. A number, at least 0. */
  to: number
  /** Updates over which the weight changes. A whole number, at least 1. */
  steps: number
}

/** The doctor beside a run (docs/doctor.md). */
export interface DoctorSettings {
  /** Rules to turn off, separated by commas (docs/doctor.md). Default: `""`. */
  off?: string | undefined
  /** Findings that stop the run, with a checkpoint, separated by commas; `all` names every one. Default: `""`. */
  stopOn?: string | undefined
  /** On the first finding, go back to the checkpoint before it and continue with a tenth of the learning rate. Default: `false`. */
  rollback?: boolean | undefined
}

/** Settings of `r1 train r1-zero` (R1 §2.2). */
export interface R1ZeroSettings {
  /** Seed of all randomness: the same seed gives the same run. A whole number, at least 0. Default: `1`. */
  seed?: number | undefined
  /** Base model: pocket-base, a model folder or a run. Default: `"pocket-base"`. */
  model?: string | undefined
  /** A task's name, a data file or a TypeScript file (docs/tasks.md); separate several with commas. Default: `"pocket-countdown"`. */
  task?: string | undefined
  /** Field of a data file that holds the question; null tries the usual names. Default: `null`. */
  questionField?: string | null | undefined
  /** Field of a data file that holds the reference answer; a dot reaches into objects. Default: `null`. */
  answerField?: string | null | undefined
  /** Kind of a data file's rows, which chooses the verifier; null reads it from their fields. Default: `null`. */
  kind?: 'countdown' | 'code' | 'choice' | 'math' | 'free' | null | undefined
  judge?:
    | {
        /** An OpenAI-compatible server whose model judges what no rule can, http://…/v1 (R1 §2.3.3); none by default. Default: `null`. */
        endpoint?: string | null | undefined
        /** The model to ask there; its key is in OPENAI_API_KEY where OPENAI_BASE_URL is this server. Default: `""`. */
        apiModel?: string | undefined
        /** Questions to the judge at the same time. A whole number, at least 1. Default: `16`. */
        concurrency?: number | undefined
      }
    | undefined
  /** The prompt: R1-Zero's template (R1 §2.2.3, Table 1), or the model's own chat template, as it is or with enable_thinking off (Qwen3). Default: `"r1-zero"`. */
  template?: 'r1-zero' | 'model' | 'model-no-thinking' | undefined
  /** Text added after each question of mathematics in word-problems and files. Default: `"Please reason step by step, and put your final answer within \\boxed{}."`. */
  instruction?: string | undefined
  rewards?:
    | {
        /** Weight of the accuracy reward (R1 §2.2.2). A number, at least 0. Default: `1`. */
        accuracy?: number | WeightScheduleSettings | undefined
        /** Weight of the format reward: thinking and answer tags in place (R1 §2.2.2). A number, at least 0. Default: `1`. */
        format?: number | WeightScheduleSettings | undefined
        /** Weight of the language-consistency reward: share of the question's language in the thinking (R1 §2.3.2). A number, at least 0. Default: `0`. */
        languageConsistency?: number | WeightScheduleSettings | undefined
        /** Weight of DAPO's soft penalty for responses near maxTokens (arXiv 2503.14476). A number, at least 0. Default: `0`. */
        overlong?: number | WeightScheduleSettings | undefined
        /** TypeScript file that exports a `reward` of your own, or several; separate files with commas. Default: `null`. */
        file?: string | null | undefined
      }
    | undefined
  /** grpo compares the responses of a group, ppo trains a critic; each has its own section of settings. Default: `"grpo"`. */
  algorithm?: 'grpo' | 'ppo' | undefined
  grpo?: GrpoSettings | undefined
  ppo?: PpoSettings | undefined
  evaluation?:
    | {
        /** Number of held-out questions. A whole number, at least 1. Default: `256`. */
        questions?: number | undefined
        /** Responses to each question: the k of pass@k. A whole number, at least 1. Default: `16`. */
        samples?: number | undefined
        /** Sampling temperature; the paper evaluates at 0.6 (R1 §3). A number, at least 0. Default: `0.6`. */
        temperature?: number | undefined
        /** Nucleus sampling; the paper evaluates at 0.95 (R1 §3). A number, at least 0 and at most 1. Default: `0.95`. */
        topP?: number | undefined
        /** Also measure at temperature 1 (with a quarter of the responses) and greedily. Default: `false`. */
        sideBySide?: boolean | undefined
        /** Steps between evaluations on an eighth of the held-out questions; 0 turns them off. A whole number, at least 0. Default: `0`. */
        every?: number | undefined
      }
    | undefined
  /** Rollouts are sampled with weights and activations rounded to 8 bits; needs grpo.importanceCap. Default: `false`. */
  int8Rollouts?: boolean | undefined
  curriculum?:
    | {
        /** Share of questions that are new; the others were asked before and had a signal. 1 is off. A number, at least 0 and at most 1. Default: `1`. */
        fresh?: number | undefined
        /** Lowest pass rate of questions that are asked again. A number, at least 0 and at most 1. Default: `0.1`. */
        low?: number | undefined
        /** Highest pass rate of questions that are asked again. A number, at least 0 and at most 1. Default: `0.9`. */
        high?: number | undefined
      }
    | undefined
  doctor?: DoctorSettings | undefined
  /** Steps between checkpoints. A whole number, at least 1. Default: `10`. */
  checkpointEvery?: number | undefined
  /** How many checkpoints to keep. A whole number, at least 1. Default: `2`. */
  keepCheckpoints?: number | undefined
  /** Tokens in one forward and backward pass of the embedded engine: fewer need less memory. A whole number, at least 64. Default: `1024`. */
  microBatchTokens?: number | undefined
  lora?: LoraSettings | undefined
  engine?: EngineSettings | undefined
  /** Recompute activations instead of keeping them: less memory, a third more time. Default: `false`. */
  recompute?: boolean | undefined
}

/** Settings of `r1 train r1` (R1 §2.3). */
export interface R1RecipeSettings {
  /** Seed of all randomness: the same seed gives the same run. A whole number, at least 0. Default: `1`. */
  seed?: number | undefined
  /** Base model: pocket-base, a model folder or a run. Default: `"pocket-base"`. */
  model?: string | undefined
  zero?:
    | {
        grpo?: GrpoSettings | undefined
      }
    | undefined
  coldStart?:
    | {
        /** Questions for R1-Zero; the paper speaks of thousands of examples (R1 §2.3.1). A whole number, at least 1. Default: `3000`. */
        questions?: number | undefined
        /** Responses to each question, at temperature 1. A whole number, at least 1. Default: `4`. */
        samples?: number | undefined
        /** Times a question is asked while fewer than `keep` of its responses stay: more samples where few are right. A whole number, at least 1. Default: `1`. */
        rounds?: number | undefined
        /** At most this many right and readable responses are kept for each question. A whole number, at least 1. Default: `1`. */
        keep?: number | undefined
        /** Demonstrations of general requests. A whole number, at least 0. Default: `500`. */
        demonstrations?: number | undefined
        /** An OpenAI-compatible server that rewrites the responses, http://…/v1; the world's rules otherwise. Default: `null`. */
        endpoint?: string | null | undefined
        /** The model to ask there; its key is in OPENAI_API_KEY where OPENAI_BASE_URL is this server. Default: `""`. */
        apiModel?: string | undefined
      }
    | undefined
  judge?:
    | {
        /** An OpenAI-compatible server whose model judges what no rule can, http://…/v1 (R1 §2.3.3); none by default. Default: `null`. */
        endpoint?: string | null | undefined
        /** The model to ask there; its key is in OPENAI_API_KEY where OPENAI_BASE_URL is this server. Default: `""`. */
        apiModel?: string | undefined
        /** Questions to the judge at the same time. A whole number, at least 1. Default: `16`. */
        concurrency?: number | undefined
      }
    | undefined
  dev1?: SftSettings | undefined
  dev2?:
    | {
        grpo?: GrpoSettings | undefined
        /** Weight of the language-consistency reward: share of the question's language in the thinking (R1 §2.3.2). A number, at least 0. Default: `1`. */
        languageConsistency?: number | undefined
      }
    | undefined
  data?:
    | {
        /** Questions for Dev2 (R1 §2.3.3). A whole number, at least 1. Default: `150000`. */
        questions?: number | undefined
        /** Further questions of the world's that no rule can judge: the judge does (R1 §2.3.3). A whole number, at least 0. Default: `0`. */
        judged?: number | undefined
        /** Responses to each question; the paper does not state it. A whole number, at least 1. Default: `8`. */
        samples?: number | undefined
        /** Times a question is asked while fewer than `keep` of its responses stay: more samples where few are right. A whole number, at least 1. Default: `1`. */
        rounds?: number | undefined
        /** At most this many right and readable responses are kept for each question. A whole number, at least 1. Default: `4`. */
        keep?: number | undefined
        /** Demonstrations of general requests. A whole number, at least 0. Default: `200000`. */
        demonstrations?: number | undefined
        /** Sampling temperature of Dev2's responses; the paper does not state it. A number, above 0. Default: `1`. */
        temperature?: number | undefined
      }
    | undefined
  dev3?: SftSettings | undefined
  rewardModels?:
    | {
        /** Preference pairs for the helpful reward model (R1 v2 S3.1). A whole number, at least 1. Default: `66000`. */
        pairs?: number | undefined
        /** Labelled responses for the safety reward model (R1 v2 S3.1). A whole number, at least 1. Default: `106000`. */
        labels?: number | undefined
        /** Pairs or labels kept out of training, to measure the reward models. A whole number, at least 1. Default: `1000`. */
        heldOut?: number | undefined
        /** Pairs are two responses of Dev3's to a request, which the judge compares; the world's own otherwise. Default: `false`. */
        judged?: boolean | undefined
        /** Longest example in tokens, prompt included; longer ones are left out (R1 v2 S3.1). A whole number, at least 1. Default: `8192`. */
        maxTokens?: number | undefined
        training?: RewardModelSettings | undefined
      }
    | undefined
  r1?:
    | {
        grpo?: GrpoSettings | undefined
        /** Weight of the language-consistency reward: share of the question's language in the thinking (R1 §2.3.2). A number, at least 0. Default: `1`. */
        languageConsistency?: number | undefined
        /** Weight of the helpful reward model's score. A number, at least 0. Default: `1`. */
        helpful?: number | undefined
        /** Weight of the safety reward model's score. A number, at least 0. Default: `1`. */
        safety?: number | undefined
        /** The last steps that also train on general requests with preference rewards: 400 of 1,700 in the paper (R1 v2 S3.2). A whole number, at least 0. Default: `400`. */
        generalSteps?: number | undefined
        /** Share of general requests among the questions of these steps. A number, at least 0 and at most 1. Default: `0.5`. */
        generalShare?: number | undefined
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

/** Settings of `r1 train attempts` (R1 §4.2). */
export interface AttemptsSettings {
  /** Seed of all randomness: the same seed gives the same run. A whole number, at least 0. Default: `1`. */
  seed?: number | undefined
  /** The model whose responses are judged, searched and reinforced. Default: `"pocket-base"`. */
  model?: string | undefined
  data?:
    | {
        /** Questions whose responses train the process reward model and the value model. A whole number, at least 1. Default: `10000`. */
        questions?: number | undefined
        /** Responses to each question, at temperature 1. A whole number, at least 1. Default: `8`. */
        samples?: number | undefined
        /** Number of questions held out of training for evaluation. A whole number, at least 1. Default: `100`. */
        heldOut?: number | undefined
      }
    | undefined
  /** Training of the process reward model and of the value model. */
  training?: RewardModelSettings | undefined
  search?:
    | {
        /** Simulations before each step of the response. A whole number, at least 1. Default: `3`. */
        simulations?: number | undefined
        /** Steps drawn in each simulation. A whole number, at least 1. Default: `4`. */
        width?: number | undefined
        /** c of UCB1: higher values explore more. A number, at least 0. Default: `0.5`. */
        exploration?: number | undefined
      }
    | undefined
  grpo?: GrpoSettings | undefined
  /** Source of questions, requests and preferences: pocket, or a TypeScript file that exports `world`. Default: `"pocket"`. */
  world?: string | undefined
  evaluation?: StageEvaluationSettings | undefined
  /** Steps between checkpoints. A whole number, at least 1. Default: `10`. */
  checkpointEvery?: number | undefined
  /** Tokens in one forward and backward pass of the embedded engine: fewer need less memory. A whole number, at least 64. Default: `1024`. */
  microBatchTokens?: number | undefined
}

/** Settings of `r1 train sft`. */
export interface SftRecipeSettings {
  /** Seed of the order of the examples, and of the choice of validation examples. A whole number, at least 0. Default: `1`. */
  seed?: number | undefined
  /** Model to start from: a model folder, a run or pocket-base. Default: `"pocket-base"`. */
  model?: string | undefined
  /** JSONL or Parquet files with prompt and response, or with messages; separate several with commas. Default: `""`. */
  data?: string | undefined
  /** A Jinja file, or r1 for R1's own; the model's own template otherwise, R1-Zero's where it has none. Default: `null`. */
  chatTemplate?: string | null | undefined
  sft?: SftSettings | undefined
  /** Steps between checkpoints. A whole number, at least 1. Default: `10`. */
  checkpointEvery?: number | undefined
  /** How many checkpoints to keep. A whole number, at least 1. Default: `2`. */
  keepCheckpoints?: number | undefined
  /** Tokens in one forward and backward pass of the embedded engine: fewer need less memory. A whole number, at least 64. Default: `1024`. */
  microBatchTokens?: number | undefined
  lora?: LoraSettings | undefined
  engine?: EngineSettings | undefined
  /** Recompute activations instead of keeping them: less memory, a third more time. Default: `false`. */
  recompute?: boolean | undefined
}
