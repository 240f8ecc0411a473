/** `r1 merge <adapter>`: a LoRA adapter and its base as one model. */
import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { openModel } from '../loading/local-model.ts'
import { printJson, printLine } from './output.ts'

interface MergeFlags {
  dtype: 'f32' | 'f16' | 'bf16'
  json?: boolean
}

export function mergeCommand(): Command {
  return new Command('merge')
    .description(
      "Write a LoRA adapter (a run's or PEFT's) merged into its base, as a folder that transformers opens.",
    )
    .argument('<adapter>', 'a run, or a folder with adapter_config.json')
    .argument('<folder>', 'the new folder')
    .addOption(new Option('--dtype <type>', 'of the weights').choices(['f32', 'f16', 'bf16']).default('f32'))
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 merge runs/two models/two\n  r1 merge runs/two models/two --dtype bf16 && r1 export models/two --format gguf',
    )
    .action(runMerge)
}

async function runMerge(path: string, folder: string, { dtype, json }: MergeFlags): Promise<void> {
  if (existsSync(folder))
    throw new ConfigError('is there already.', {
      field: folder,
      remedy: 'Name a folder that does not exist.',
    })
  const { engine } = await openModel(path)
  try {
    if (engine.adapter === undefined)
      throw new ConfigError('holds no adapter to merge.', {
        field: path,
        expected: 'a run with lora.rank above 0, or a folder with adapter_config.json',
      })
    await engine.save(folder, { merged: true, dtype: dtype.toUpperCase() as Uppercase<typeof dtype> })
  } finally {
    engine.close()
  }
  if (json) printJson({ folder, dtype })
  else printLine(`Merged into ${folder}`)
}
