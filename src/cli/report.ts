/** `r1 report <run>`: figures, tables and transcripts of a run in one HTML file. */
import { basename, resolve } from 'node:path'
import { Command } from 'commander'
import { replaceFile } from '../disk/replace-file.ts'
import { reportHtml } from '../report/html-report.ts'
import { readRunSummary } from '../report/run-summary.ts'
import { runTranscripts } from '../report/run-transcripts.ts'
import { wholeNumber } from './config-flags.ts'
import { printJson, printLine } from './output.ts'

export function reportCommand(): Command {
  return new Command('report')
    .description('Write a run as one HTML file with everything in it: figures, tables, transcripts.')
    .argument('<run>', 'the folder of a run, finished or not')
    .option('-o, --output <file>', 'the file (the name of the run with .html)')
    .option('--transcripts <n>', 'problems answered before and after', wholeNumber, 6)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  r1 report runs/one\n  r1 report runs/one --output mail.html --transcripts 20',
    )
    .action(writeReport)
}

async function writeReport(
  run: string,
  { output, transcripts, json }: { output?: string; transcripts: number; json?: boolean },
): Promise<void> {
  const folder = resolve(run)
  const summary = await readRunSummary(folder)
  const path = resolve(output ?? `${basename(folder)}.html`)
  await replaceFile(path, reportHtml(summary, await runTranscripts(folder, transcripts)))
  if (json) printJson({ report: path, run: folder })
  else printLine(path)
}
