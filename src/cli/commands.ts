/** The commands by name, in the order of `r1 --help`. A command's file is loaded when the command is called. */
import type { Command } from 'commander'

export interface CommandEntry {
  summary: string
  load: () => Promise<Command>
}

export const COMMANDS: Record<string, CommandEntry> = {
  pretrain: {
    summary: 'make the pocket base model from nothing',
    load: async () => (await import('./pretrain.ts')).pretrainCommand(),
  },
  train: {
    summary: 'train a model by a recipe of the paper',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  eval: {
    summary: "measure a model on the report's benchmarks or a file of your own",
    load: async () => (await import('./eval.ts')).evalCommand(),
  },
  verify: {
    summary: 'judge answers from a file or a pipe',
    load: async () => (await import('./verify.ts')).verifyCommand(),
  },
  decontaminate: {
    summary: 'remove training rows that overlap with a benchmark',
    load: async () => (await import('./decontaminate.ts')).decontaminateCommand(),
  },
  runs: {
    summary: 'list runs, how far they came and how well they did',
    load: async () => (await import('./runs.ts')).runsCommand(),
  },
  config: {
    summary: 'show every setting of a recipe and where its value came from',
    load: async () => (await import('./config.ts')).configCommand(),
  },
}
