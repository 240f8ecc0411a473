/** `r1 serve-rewards`: verifiers and rewards over HTTP, for trainers in Python, until it is asked to stop. */
import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { accuracyReward } from '../rewards/accuracy.ts'
import { formatReward, tagCountReward, thinkFormatReward } from '../rewards/format.ts'
import { languageConsistencyReward } from '../rewards/language-consistency.ts'
import { cosineLengthReward } from '../rewards/length.ts'
import { overlongReward } from '../rewards/overlong.ts'
import { ownReward } from '../rewards/own-reward.ts'
import { repetitionReward } from '../rewards/repetition.ts'
import type { Reward } from '../rewards/reward.ts'
import { listenForStop, untilAborted } from '../run/stop.ts'
import { startRewardServer } from '../server/rewards/reward-server.ts'
import { KINDS, type Kind } from '../verifiers/kinds.ts'
import { type AddressFlags, addAddressFlags, warnOfStrangers } from './address-flags.ts'
import { collect, numberFrom, positiveNumber } from './config-flags.ts'
import { printJson, printLine } from './output.ts'

interface ServeRewardsFlags extends AddressFlags {
  kind: Kind
  reward: string[]
  language?: string
  prefilled?: boolean
  maxTokens?: number
  concurrency?: number
  drain: number
  json?: boolean
}

interface RewardOptions {
  weight: number
  /** Throws where it was not given. */
  maxTokens: () => number
}

/** All that need neither a model nor the other responses to the same question. */
const REWARDS: Record<string, (options: RewardOptions) => Reward> = {
  accuracy: accuracyReward,
  format: formatReward,
  thinkFormat: thinkFormatReward,
  tagCount: tagCountReward,
  languageConsistency: languageConsistencyReward,
  cosineLength: ({ weight, maxTokens }) => cosineLengthReward({ weight, maxTokens: maxTokens() }),
  overlong: ({ weight, maxTokens }) => overlongReward({ weight, maxTokens: maxTokens() }),
  repetition: repetitionReward,
}

export function serveRewardsCommand(): Command {
  const command = new Command('serve-rewards')
    .description(
      `Serve verifiers and rewards to trainers in Python: OpenRLHF's remote reward model at /get_reward, verl's
compute_score at /compute_score, TRL's reward functions at /reward (docs/reward-service.md).`,
    )
    .addOption(
      new Option('-k, --kind <kind>', 'verifier of answers that name none')
        .choices(Object.keys(KINDS))
        .default('math'),
    )
    .option(
      '--reward <name[=weight]>',
      `${Object.keys(REWARDS).join(', ')}, or a TypeScript file that exports \`reward\`; may be given several times (accuracy and format)`,
      collect,
      [],
    )
    .option('--language <code>', 'language that languageConsistency expects, such as en')
    .option('--prefilled', 'the prompt ends with <think>')
    .option('--max-tokens <n>', 'length limit that cosineLength and overlong use', positiveNumber)
    .option('--concurrency <n>', 'cases at once (the number of processor cores)', positiveNumber)
  return addAddressFlags(command, 5000, 'ask callers for this key')
    .option(
      '--drain <seconds>',
      'how long running requests may continue after SIGTERM',
      numberFrom(0, 86_400),
      30,
    )
    .option('--json', 'print one JSON object once it listens')
    .addHelpText(
      'after',
      `
Examples:
  r1 serve-rewards
  r1 serve-rewards --kind code --reward accuracy --reward format=0.1
  r1 serve-rewards --reward accuracy --reward ./my-reward.ts --port 8080
  curl http://127.0.0.1:5000/compute_score -H 'content-type: application/json' -d '{
    "solution_str": "<think> half </think> <answer> 1/2 </answer>", "ground_truth": "0.5"}'`,
    )
    .action(serveRewards)
}

async function serveRewards(flags: ServeRewardsFlags): Promise<void> {
  const { kind, language, port, host, apiKey, drain, json } = flags
  const names = flags.reward.length === 0 ? ['accuracy', 'format'] : flags.reward
  const rewards = (await Promise.all(names.map((name) => rewardsNamed(name, flags)))).flat()
  const stop = listenForStop(`Closing when running requests have ended, or in ${drain} s.`)
  try {
    const server = await startRewardServer({
      ...{ rewards, kind, language, port, host, apiKey },
      prefilled: flags.prefilled ?? false,
      concurrency: flags.concurrency ?? availableParallelism(),
    })
    if (json) printJson({ url: server.url, rewards: rewards.map(({ name }) => name), pid: process.pid })
    else {
      printLine(`OpenRLHF  ${server.url}/get_reward`)
      printLine(`verl      ${server.url}/compute_score`)
      printLine(`TRL       ${server.url}/reward`)
    }
    warnOfStrangers(flags)
    await untilAborted(stop.signal)
    await server.close(drain)
  } finally {
    stop.close()
  }
}

async function rewardsNamed(given: string, { maxTokens }: ServeRewardsFlags): Promise<Reward[]> {
  const [, name = '', weight] = /^(.*?)(?:=([^=]*))?$/.exec(given)!
  const value = weight === undefined ? 1 : Number(weight)
  if (weight === '' || !Number.isFinite(value))
    throw new ConfigError('not a weight.', {
      field: '--reward',
      value: given,
      expected: 'such as format=0.1',
    })
  const length = () => {
    if (maxTokens !== undefined) return maxTokens
    throw new ConfigError(`${name} must be told how long a response may be.`, {
      field: '--max-tokens',
      remedy: "Give the trainer's own limit.",
    })
  }
  if (Object.hasOwn(REWARDS, name)) return [REWARDS[name]!({ weight: value, maxTokens: length })]
  if (!/\.[cm]?[jt]s$/.test(name))
    throw new ConfigError('there is no such reward.', {
      field: '--reward',
      value: name,
      expected: `${Object.keys(REWARDS).join(', ')}, or a TypeScript file`,
    })
  const own = await ownReward(name, weight === undefined ? undefined : value)
  return own.map((reward) => {
    if (reward.score !== undefined) return reward
    throw new ConfigError(`${reward.name} compares the responses to a question.`, {
      field: name,
      expected: 'rewards of single responses, which is what trainers send',
    })
  })
}
