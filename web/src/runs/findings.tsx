/** What the doctor has found, below the curve that it speaks of. */
import type { Finding } from '../../../src/doctor/rule.ts'
import { href } from '../router.ts'
import type { Panel } from './panels.ts'

/** Those of a panel's measures; those that no panel shows stand below the first one. */
export function findingsOf(panel: Panel, panels: readonly Panel[], findings: readonly Finding[]): Finding[] {
  const shows = ({ lines }: Panel, measure: string) => lines.some(({ key }) => key === measure)
  return findings.filter(({ measure }) => {
    const owner = panels.find((other) => shows(other, measure)) ?? panels[0]
    return owner === panel
  })
}

export function Findings({ run, findings }: { run: string; findings: readonly Finding[] }) {
  return findings.length === 0 ? null : (
    <ul class="findings">
      {findings.map(({ rule, title, note, step, evidence, cause, remedy, responses = [] }) => (
        <li key={rule} class={note ? 'note' : ''}>
          <b>
            Step {step}: {title}.
          </b>{' '}
          {evidence} {cause} {remedy}{' '}
          {responses.map((place) => (
            <a
              key={`${place.group}/${place.sample}`}
              href={href(['runs', run, 'rollouts', place.step, place.group])}
            >
              group {place.group}
            </a>
          ))}
        </li>
      ))}
    </ul>
  )
}
