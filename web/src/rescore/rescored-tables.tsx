/** Scores and advantages before and after. */
import type { Distribution, Rescored } from '../../../src/report/rescore.ts'
import { compact, whole } from '../format.ts'
import { href } from '../router.ts'
import { NumberHeads, Scrollable } from '../ui.tsx'

export function RescoredTables({ run, rescored }: { run: string; rescored: Rescored }) {
  const { step, responses, groups, reward, parts, signal, agreement, changed } = rescored
  const place = (group: number) => href(['runs', run, 'rollouts', step, group])
  const links = (numbers: readonly number[]) =>
    numbers.length === 0
      ? 'none'
      : numbers.map((group, i) => (
          <>
            {i > 0 ? ', ' : ''}
            <a href={place(group)}>group {group}</a>
          </>
        ))
  const rows: [string, { before?: Distribution; after?: Distribution }][] = [
    ['whole reward', reward],
    ...Object.entries(parts),
  ]
  return (
    <>
      <p>
        {whole(responses)} responses to {whole(groups)} questions. Groups with a signal: {signal.before}{' '}
        before, {signal.after} after. Gained by {links(signal.gained)}; lost by {links(signal.lost)}.
        Advantages agree to {compact(agreement)} (correlation; 1 trains the same).
      </p>
      <Scrollable class="card table-card" label="Scores">
        <table class="rescored">
          <caption class="muted">Scores</caption>
          <thead>
            <tr>
              <th>Reward</th>
              <th />
              <NumberHeads names={['Mean', 'Deviation', 'Least', 'Most', 'Responses']} />
            </tr>
          </thead>
          <tbody>
            {rows.flatMap(([name, { before, after }]) =>
              Object.entries({ before, after }).flatMap(([side, scores]) =>
                scores === undefined
                  ? []
                  : [
                      <tr key={`${name}/${side}`}>
                        <td>{side === 'after' && before !== undefined ? '' : name}</td>
                        <td class="muted">{side}</td>
                        {[scores.mean, scores.deviation, scores.min, scores.max, scores.n].map((score, i) => (
                          <td key={i} class="number right-align">
                            {compact(score)}
                          </td>
                        ))}
                      </tr>,
                    ],
              ),
            )}
          </tbody>
        </table>
      </Scrollable>
      {changed.length === 0 ? (
        <p>No advantage changes.</p>
      ) : (
        <Scrollable class="card table-card" label="Advantages that change most">
          <table class="rescored">
            <caption class="muted">Advantages that change most</caption>
            <thead>
              <tr>
                <th>Response</th>
                <NumberHeads names={['Reward, before', 'after', 'Advantage, before', 'after']} />
              </tr>
            </thead>
            <tbody>
              {changed.map(({ group, sample, text, reward: score, advantage }) => (
                <tr key={`${group}/${sample}`}>
                  <td>
                    <a href={place(group)}>
                      group {group}, response {sample + 1}
                    </a>
                    <p class="muted excerpt">{text}</p>
                  </td>
                  <td class="number right-align">{compact(score.before)}</td>
                  <td class="number right-align">{compact(score.after)}</td>
                  <td class="number right-align">{advantage.before.toFixed(2)}</td>
                  <td class="number right-align">{advantage.after.toFixed(2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
      )}
    </>
  )
}
