/** `r1 export <what> <format>`: a model for other programs, or a run's metrics for other dashboards. */
import { Argument, Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { exportMetrics, METRICS_FORMATS } from './export-metrics.ts'
import { exportModel, MODEL_FORMATS } from './export-model.ts'

interface ExportFlags {
  format?: string
  output?: string
  dtype?: string
  follow?: boolean
  json?: boolean
}

const FORMATS = [...MODEL_FORMATS, ...METRICS_FORMATS]

export function exportCommand(): Command {
  return new Command('export')
    .description(
      `Write a model as transformers (safetensors), llama.cpp (gguf) or ONNX Runtime (onnx) open it; or a run's metrics
for TensorBoard, Weights & Biases or Trackio. They are sent where WANDB_API_KEY or TRACKIO_SERVER_URL is set, and written to
files otherwise: event files, and an offline run that Weights & Biases' own client uploads. Training is not slowed down.`,
    )
    .argument('<what>', 'a run; for a model also pocket-base, a model folder or a .gguf file')
    .addArgument(new Argument('[format]').choices(FORMATS))
    .addOption(new Option('-f, --format <format>', 'the format, if you prefer a flag').choices(FORMATS))
    .option('-o, --output <path>', 'a new folder, for gguf a new file (metrics: a folder in the run)')
    .option('--dtype <type>', 'of a model: f32, f16, bf16, for gguf also q8_0 (default: f32)')
    .option('--follow', 'metrics: continue while the run trains')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  r1 export runs/two --format safetensors --dtype bf16 --output models/two
  r1 export models/two --format gguf --dtype q8_0 --output two.gguf
  r1 export pocket-base --format onnx --output pocket-onnx
  r1 export runs/two tensorboard && tensorboard --logdir runs
  r1 export runs/two tensorboard --follow
  r1 export runs/two wandb
  WANDB_API_KEY=… r1 export runs/two wandb --follow
  TRACKIO_SERVER_URL=http://127.0.0.1:7860 r1 export runs/two trackio --follow`,
    )
    .action(runExport)
}

async function runExport(what: string, argument: string | undefined, flags: ExportFlags): Promise<void> {
  const format = argument ?? flags.format
  if (format === undefined)
    throw new ConfigError('missing.', { field: '--format', expected: `one of ${FORMATS.join(', ')}` })
  if (argument !== undefined && flags.format !== undefined && argument !== flags.format)
    throw new ConfigError(`the format is ${argument} already.`, { field: '--format', value: flags.format })
  const isMetrics = METRICS_FORMATS.includes(format)
  const foreign = isMetrics ? ('dtype' as const) : ('follow' as const)
  if (flags[foreign] !== undefined)
    throw new ConfigError(`${format} has no such flag.`, {
      field: `--${foreign}`,
      value: flags[foreign],
      expected: `one of ${(isMetrics ? MODEL_FORMATS : METRICS_FORMATS).join(', ')} with it`,
    })
  await (isMetrics ? exportMetrics : exportModel)(what, format, flags)
}
