/** `r1 dashboard [runs-folder]`: runs, rollouts and evaluations in a browser, while they are made. */
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { ConfigError } from '../errors.ts'
import { listenForStop, untilAborted } from '../run/stop.ts'
import { runModels } from '../server/openai/run-models.ts'
import { startServer } from '../server/server.ts'
import { type AddressFlags, addAddressFlags, refuseStrangers, warnOfStrangers } from './address-flags.ts'
import { PAGE_PORT } from './live-page.ts'
import { printJson, printLine, printNote } from './output.ts'
import { rescoringBy } from './rescoring.ts'
import { resumeCommandOf } from './run-command.ts'
import { trainingsIn } from './trainings.ts'

interface DashboardFlags extends AddressFlags {
  evaluations: string
  allowTraining?: boolean
  reward?: string
  json?: boolean
}

export function dashboardCommand(): Command {
  const command = new Command('dashboard')
    .description('Show runs, their rollouts and evaluations in a browser, live while they train.')
    .argument('[folder]', 'a folder of runs, or one run', 'runs')
  return addAddressFlags(command, PAGE_PORT, 'ask the page for this key')
    .option('--evaluations <folder>', 'where `r1 eval` left its results', 'evaluations')
    .option('--allow-training', 'let the page start, stop and resume runs; on this machine, or with a key')
    .option(
      '--reward <file>',
      'let the page score stored responses by this TypeScript file, and edit it; on this machine, or with a key',
    )
    .option('--json', 'print one JSON object once it listens')
    .addHelpText(
      'after',
      `
Examples:
  r1 dashboard
  r1 dashboard experiments --port 9000
  r1 dashboard --allow-training  start, stop and resume runs from the page
  r1 dashboard --reward short.ts what this reward would have said, while you write it
  r1 serve pocket-base          the same page, with a model to talk to`,
    )
    .action(showDashboard)
}

async function showDashboard(
  runs: string,
  { json, allowTraining, reward, ...flags }: DashboardFlags,
): Promise<void> {
  if (allowTraining) refuseStrangers(flags, '--allow-training')
  if (reward !== undefined) refuseStrangers(flags, '--reward')
  if (!existsSync(runs)) {
    if (runs !== 'runs')
      throw new ConfigError('there is no such folder.', {
        field: runs,
        remedy: 'Name a folder of runs, or one run.',
      })
    printNote('There is no folder runs yet; runs appear once one is started: r1 train r1-zero')
  }
  const trainings = allowTraining ? trainingsIn(runs) : undefined
  const rescoring = reward === undefined ? undefined : rescoringBy(reward)
  const stop = listenForStop('Closing.')
  const models = runModels(runs)
  const server = await startServer({
    models: [],
    runs,
    ...flags,
    trainings,
    rescoring,
    resumeCommand: resumeCommandOf,
    runModels: models,
  })
  endWithTraining()
  if (json) printJson({ url: server.url, runs, pid: process.pid })
  else printLine(server.url)
  warnOfStrangers(flags)
  await untilAborted(stop.signal)
  stop.close()
  await server.drain(2)
  models.close()
}

/** Beside a training, which started this process: it ends with it, also where the training ended before this one listened. */
function endWithTraining(): void {
  if (process.send === undefined) return
  const end = () => process.kill(process.pid, 'SIGTERM')
  if (process.connected) process.once('disconnect', end)
  else end()
}
