/** Findings as people read them. */
import type { Examination } from './read-run.ts'
import type { Finding } from './rule.ts'

/** One line, for the middle of a table of steps. */
export const findingLine = ({ rule, title, evidence }: Finding): string => `! ${title} (${rule}). ${evidence}`

/** The whole of it, with what to do. */
export function findingText({ rule, title, step, evidence, cause, remedy, responses = [] }: Finding): string {
  const rows = [
    ['seen', evidence],
    ['cause', cause],
    ['remedy', remedy],
    ...(responses.length === 0
      ? []
      : [
          [
            'look at',
            `step ${responses[0]!.step}: ${responses.map(({ group, sample }) => `group ${group}, response ${sample}`).join('; ')}`,
          ],
        ]),
  ]
  return [
    `Step ${step}: ${title} (${rule})`,
    ...rows.map(([label, text]) => `  ${label!.padEnd(8)} ${text}`),
  ].join('\n')
}

/** What there is to say of a run in one sentence. */
export function diagnosis({ findings, steps }: Pick<Examination, 'findings' | 'steps'>): string {
  const ill = findings.filter(({ note }) => !note)
  const note = findings.find(({ rule }) => rule === 'solved')
  if (ill.length > 0)
    return `${ill.length === 1 ? 'one finding' : `${ill.length} findings`}: ${ill.map(({ title, step }) => `${title} (step ${step})`).join('; ')}.`
  return `healthy: nothing found in ${steps} steps${note === undefined ? '' : '; the task is solved'}.`
}
