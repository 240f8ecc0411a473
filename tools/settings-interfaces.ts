/**
 * The settings' schemas as TypeScript interfaces with a sentence for each setting, which an editor shows on hover:
 *
 *     npx tsx tools/settings-interfaces.ts
 *
 * writes the files named in `FILES`. `test/settings.test.ts` holds them to the schemas.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { criticConfig } from '../src/algorithms/critic-config.ts'
import { grpoConfig } from '../src/algorithms/grpo-config.ts'
import { loraConfig } from '../src/algorithms/lora-config.ts'
import { onPolicyDistillationConfig } from '../src/algorithms/on-policy-distillation-config.ts'
import { ppoConfig } from '../src/algorithms/ppo-config.ts'
import { pretrainConfig } from '../src/algorithms/pretrain.ts'
import { rewardModelConfig } from '../src/algorithms/reward-model-config.ts'
import { sftConfig } from '../src/algorithms/sft-config.ts'
import { doctorConfig } from '../src/doctor/doctor-config.ts'
import { stageEvaluation } from '../src/pipeline/stage-figures.ts'
import { engineConfig } from '../src/pipeline/trained-model.ts'
import { attemptsConfig } from '../src/recipes/attempts.ts'
import { distillConfig } from '../src/recipes/distill.ts'
import { pretrainRecipeConfig } from '../src/recipes/pretrain.ts'
import { r1Config } from '../src/recipes/r1-config.ts'
import { r1ZeroConfig, weightSchedule } from '../src/recipes/r1-zero.ts'
import { sftRecipeConfig } from '../src/recipes/sft.ts'

interface Property {
  type?: string | string[]
  enum?: unknown[]
  anyOf?: Property[]
  items?: Property
  required?: string[]
  properties?: Record<string, Property>
  additionalProperties?: Property | boolean
  default?: unknown
  description?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

interface Named {
  schema: z.ZodType
  doc: string
}

/** By the file that holds them. A settings group that stands in another is named there, not repeated. */
export const FILES: Record<string, Record<string, Named>> = {
  'src/algorithms/settings.ts': {
    GrpoSettings: { schema: grpoConfig, doc: 'Settings of GRPO (R1 v2 S2.1).' },
    PpoSettings: { schema: ppoConfig, doc: 'Settings of PPO (R1 v2 SA.3).' },
    CriticSettings: { schema: criticConfig, doc: "Settings of PPO's critic." },
    SftSettings: { schema: sftConfig, doc: 'Settings of supervised fine-tuning (R1 v2 SB.4.2).' },
    RewardModelSettings: {
      schema: rewardModelConfig,
      doc: "Settings of a reward model's training (R1 v2 S3.1).",
    },
    OnPolicyDistillationSettings: {
      schema: onPolicyDistillationConfig,
      doc: 'Settings of on-policy distillation (arXiv 2306.13649).',
    },
    PretrainSettings: { schema: pretrainConfig, doc: 'Settings of pre-training.' },
    LoraSettings: { schema: loraConfig, doc: 'Settings of low-rank adapters (arXiv 2106.09685).' },
  },
  'src/recipes/settings.ts': {
    EngineSettings: {
      schema: engineConfig,
      doc: 'Where a run trains: in this process, or on a server of the Tinker API.',
    },
    StageEvaluationSettings: { schema: stageEvaluation, doc: 'How the models of a pipeline are measured.' },
    WeightScheduleSettings: { schema: weightSchedule, doc: 'A weight that changes along a straight line.' },
    DoctorSettings: { schema: doctorConfig, doc: 'The doctor beside a run (docs/doctor.md).' },
    R1ZeroSettings: { schema: r1ZeroConfig, doc: 'Settings of `r1 train r1-zero` (R1 §2.2).' },
    R1RecipeSettings: { schema: r1Config, doc: 'Settings of `r1 train r1` (R1 §2.3).' },
    AttemptsSettings: { schema: attemptsConfig, doc: 'Settings of `r1 train attempts` (R1 §4.2).' },
    SftRecipeSettings: { schema: sftRecipeConfig, doc: 'Settings of `r1 train sft`.' },
  },
  'src/recipes/distill-settings.ts': {
    DistillSettings: { schema: distillConfig, doc: 'Settings of `r1 train distill` (R1 §2.4).' },
  },
  'src/recipes/pretrain-settings.ts': {
    PretrainRecipeSettings: { schema: pretrainRecipeConfig, doc: 'Settings of `r1 pretrain`.' },
    DecoderShapeSettings: {
      schema: pretrainRecipeConfig.shape.model,
      doc: 'Shape of a decoder that is made: Qwen2 or Llama with a tied head, or DeepSeek-V3.',
    },
    CorpusSettings: {
      schema: pretrainRecipeConfig.shape.corpus,
      doc: 'What the synthetic web of the pocket world consists of.',
    },
  },
}

const jsonOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Property
const identity = ({ properties }: Property) => JSON.stringify(properties)
const names = new Map(
  Object.values(FILES).flatMap((file) =>
    Object.entries(file).map(([name, { schema }]) => [identity(jsonOf(schema)), name] as const),
  ),
)

/** The text of one generated file. */
export function interfacesOf(file: string): string {
  const used = new Set<string>()
  const own = FILES[file]!
  const bodies = Object.entries(own).map(([name, { schema, doc }]) => {
    return `/** ${doc} */\nexport interface ${name} {\n${fieldsOf(jsonOf(schema), '  ', used)}}\n`
  })
  // In the order of their paths, as the formatter has them.
  const imports = Object.entries(FILES)
    .sort()
    .flatMap(([other, named]) => {
      const foreign = other === file ? [] : Object.keys(named).filter((name) => used.has(name))
      if (foreign.length === 0) return []
      const path = relative(dirname(file), other)
      return [
        `import type { ${foreign.sort().join(', ')} } from '${path.startsWith('.') ? path : `./${path}`}'\n`,
      ]
    })
  return `/** Written by tools/settings-interfaces.ts from the schemas of the settings. Do not edit it by hand. */\n${[...imports, ''].join('')}\n${bodies.join('\n')}`
}

function fieldsOf({ properties = {}, required = [] }: Property, indent: string, used: Set<string>): string {
  return Object.entries(properties)
    .map(([name, property]) => {
      const words = [property.description, range(property), defaultOf(property)].filter((part) => part)
      const comment = words.length === 0 ? '' : `${indent}/** ${words.map(sentence).join(' ')} */\n`
      const type = typeOf(property, indent, used)
      return `${comment}${indent}${name}${required.includes(name) ? `: ${type}` : `?: ${type} | undefined`}\n`
    })
    .join('')
}

const sentence = (text: string | undefined) => (/[.!?]$/.test(text!) ? text! : `${text}.`)

function defaultOf({ default: value, properties }: Property): string {
  return value === undefined || properties !== undefined ? '' : `Default: \`${JSON.stringify(value)}\``
}

function range(property: Property): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } =
    property.anyOf?.find(({ type }) => type !== 'null') ?? property
  if (type !== 'number' && type !== 'integer') return ''
  const whole = type === 'integer' ? 'A whole number' : 'A number'
  const parts = [
    ...(minimum !== undefined && minimum > -1e15 ? [`at least ${minimum}`] : []),
    ...(exclusiveMinimum !== undefined ? [`above ${exclusiveMinimum}`] : []),
    ...(maximum !== undefined && maximum < 1e15 ? [`at most ${maximum}`] : []),
    ...(exclusiveMaximum !== undefined ? [`below ${exclusiveMaximum}`] : []),
  ]
  return parts.length === 0 ? '' : `${whole}, ${parts.join(' and ')}`
}

function typeOf(property: Property, indent: string, used: Set<string>): string {
  const { type, anyOf, items, properties, additionalProperties } = property
  if (Array.isArray(type))
    return type.map((one) => typeOf({ ...property, type: one }, indent, used)).join(' | ')
  if (anyOf !== undefined) return anyOf.map((one) => typeOf(one, indent, used)).join(' | ')
  if (property.enum !== undefined) return property.enum.map((value) => `'${value}'`).join(' | ')
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string' || type === 'boolean' || type === 'null') return type
  if (type === 'array') return `(${typeOf(items!, indent, used)})[]`
  if (properties !== undefined) {
    const known = names.get(identity(property))
    if (known !== undefined) {
      used.add(known)
      return known
    }
    return `{\n${fieldsOf(property, `${indent}  `, used)}${indent}}`
  }
  if (typeof additionalProperties === 'object')
    return `Record<string, ${typeOf(additionalProperties, indent, used)}>`
  return 'unknown'
}

if (process.argv[1] === import.meta.filename)
  for (const file of Object.keys(FILES))
    writeFileSync(join(resolve(import.meta.dirname, '..'), file), interfacesOf(file))
