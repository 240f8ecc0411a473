/** The commands by name, in the order of `r1 --help`. A command's file is loaded when the command is called. */
import type { Command } from 'commander'

export interface CommandEntry {
  summary: string
  /** `args` are all of the command line. */
  load: (args: readonly string[]) => Promise<Command>
  /** Runs a model in this process, on the device of `--device`. */
  computes?: true
}

export const COMMANDS: Record<string, CommandEntry> = {
  pretrain: {
    summary: 'train the pocket base model from scratch',
    load: async () => (await import('./pretrain.ts')).pretrainCommand(),
    computes: true,
  },
  train: {
    summary: 'train a model by a recipe of the paper',
    load: async (args) => await (await import('./train.ts')).trainCommand(args),
    computes: true,
  },
  reproduce: {
    summary: 'the paper in miniature: every claim with its measurement',
    load: async () => (await import('./reproduce.ts')).reproduceCommand(),
    computes: true,
  },
  eval: {
    summary: "measure a model on the paper's benchmarks or a file of your own",
    load: async () => (await import('./eval.ts')).evalCommand(),
    computes: true,
  },
  verify: {
    summary: 'judge answers from a file or a pipe',
    load: async () => (await import('./verify.ts')).verifyCommand(),
  },
  decontaminate: {
    summary: 'remove training rows that overlap with a benchmark',
    load: async () => (await import('./decontaminate.ts')).decontaminateCommand(),
  },
  filter: {
    summary: 'keep the training rows that a model solves sometimes',
    load: async () => (await import('./filter.ts')).filterCommand(),
    computes: true,
  },
  sample: {
    summary: 'ask a model one question',
    load: async () => (await import('./sample.ts')).sampleCommand(),
    computes: true,
  },
  chat: {
    summary: 'talk to a model in the terminal',
    load: async () => (await import('./chat.ts')).chatCommand(),
    computes: true,
  },
  serve: {
    summary: 'serve models to any OpenAI client and to the browser',
    load: async () => (await import('./serve.ts')).serveCommand(),
    computes: true,
  },
  'serve-rewards': {
    summary: 'serve verifiers and rewards to trainers in Python',
    load: async () => (await import('./serve-rewards.ts')).serveRewardsCommand(),
  },
  'serve-engine': {
    summary: 'serve the engine itself, for training from elsewhere, over the Tinker API',
    load: async () => (await import('./serve-engine.ts')).serveEngineCommand(),
    computes: true,
  },
  pull: {
    summary: 'fetch a model from the Hugging Face hub',
    load: async () => (await import('./pull.ts')).pullCommand(),
  },
  push: {
    summary: 'put a trained model on the Hugging Face hub',
    load: async () => (await import('./push.ts')).pushCommand(),
  },
  export: {
    summary: 'export a model or metrics to other programs',
    load: async () => (await import('./export.ts')).exportCommand(),
  },
  merge: {
    summary: 'merge a LoRA adapter into its base',
    load: async () => (await import('./merge.ts')).mergeCommand(),
  },
  bench: {
    summary: "measure the engine against this machine's ceiling",
    load: async () => (await import('./bench.ts')).benchCommand(),
    computes: true,
  },
  watch: {
    summary: "draw a run's curves in the terminal while it trains",
    load: async () => (await import('./watch.ts')).watchCommand(),
  },
  runs: {
    summary: 'list runs with their progress and accuracy',
    load: async () => (await import('./runs.ts')).runsCommand(),
  },
  doctor: {
    summary: 'why a run does not learn: findings with evidence, cause and remedy',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  fork: {
    summary: "continue from a run's checkpoint with something changed",
    load: async () => (await import('./fork.ts')).forkCommand(),
  },
  diff: {
    summary: 'how two runs differ',
    load: async () => (await import('./diff.ts')).diffCommand(),
  },
  rescore: {
    summary: "score a run's responses with another reward",
    load: async () => (await import('./rescore.ts')).rescoreCommand(),
  },
  dashboard: {
    summary: 'runs, rollouts and evaluations in a browser, live',
    load: async () => (await import('./dashboard.ts')).dashboardCommand(),
  },
  report: {
    summary: 'write a run as one HTML file to share',
    load: async () => (await import('./report.ts')).reportCommand(),
  },
  results: {
    summary: 'one page about several runs: means, spread, curves',
    load: async () => (await import('./results.ts')).resultsCommand(),
  },
  plan: {
    summary: 'estimate memory, time and cost of a run on a cluster',
    load: async () => (await import('./plan.ts')).planCommand(),
  },
  config: {
    summary: 'show every setting of a recipe and where its value came from',
    load: async () => (await import('./config.ts')).configCommand(),
  },
}
