/** `r1 doctor <run>`: what is wrong with a run, what shows it and what to do. */
import { Command } from 'commander'
import { namedRules } from '../doctor/doctor-config.ts'
import { diagnosis, findingText } from '../doctor/finding-text.ts'
import { examineRun, isReinforced } from '../doctor/read-run.ts'
import { findRuns, runName } from '../report/run-summary.ts'
import { readRunInfo } from '../run/folder.ts'
import { printJson, printLine } from './output.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Say why a run does not learn, from its metrics and rollouts. For a pipeline, of each of its reinforcement stages.',
    )
    .argument('<run>', "the run's folder")
    .option('--off <rules>', 'rules to turn off, separated by commas (docs/doctor.md)', '')
    .option('--json', 'print one JSON object a run')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 doctor runs/two\n  r1 doctor runs/two --off language-drift --json',
    )
    .action(async (folder: string, { off, json }: { off: string; json?: boolean }) => {
      const rules = namedRules('--off', off)
      readRunInfo(folder)
      const reinforced = findRuns(folder).filter(isReinforced)
      for (const run of reinforced.length === 0 ? [folder] : reinforced) {
        const { findings, steps, rollback } = await examineRun(run, rules)
        if (json) {
          printJson({
            run,
            steps,
            diagnosis: diagnosis({ findings, steps }),
            findings,
            rollback: rollback ?? null,
          })
          continue
        }
        printLine(`${runName(folder, run)}  ${diagnosis({ findings, steps })}`)
        if (rollback !== undefined)
          printLine(
            `It returned to step ${rollback.step} because of ${rollback.finding.rule}, with ${rollback.learningRateFactor} of the learning rate.`,
          )
        const ill = findings.filter(({ note }) => !note)
        for (const finding of ill) printLine(`\n${findingText(finding)}`)
        const notes = findings.filter(({ note }) => note)
        if (notes.length > 0) printLine('\nGood to know')
        for (const { title, evidence, cause, remedy } of notes)
          printLine(`  ${title}. ${evidence} ${cause} ${remedy}`)
      }
    })
}
