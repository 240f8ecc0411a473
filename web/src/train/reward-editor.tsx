/** A reward of one's own: written here, run apart, and tried on the last responses before a step is spent. */
import { useState } from 'preact/hooks'
import { CodeEditor } from '../code-editor.tsx'
import { compact } from '../format.ts'
import { NumberHeads } from '../ui.tsx'
import type { TrainingState } from './training-state.ts'

const EXAMPLE = `// A reward is a name, a weight and a function. It sees
// { question, text, numTokens, stopReason, task }.
export const reward = {
  name: 'short',
  weight: 0.2,
  score({ numTokens }: { numTokens: number }): number {
    return 1 - numTokens / 384
  },
}
`

export function RewardEditor({
  state: { ownReward, rescored, group },
  code: given,
  onUse,
}: {
  state: TrainingState
  code: string | undefined
  onUse: (code: string | undefined) => void
}) {
  const [code, setCode] = useState(given ?? EXAMPLE)
  const { name, problem } = ownReward
  return (
    <section class="card panel" aria-label="A reward of your own">
      <div>
        <h2>A reward of your own</h2>
        <p class="muted">
          TypeScript, in this tab alone. It is added to accuracy and format. You see at once what it makes of
          the last responses.
        </p>
      </div>
      <CodeEditor
        label="Code of the reward"
        code={code}
        onInput={setCode}
        wrongLine={problem?.line}
        problem={problem && 'reward-problem'}
      />
      <div class="actions">
        <button type="button" class="button primary" onClick={() => onUse(code)}>
          Use this reward
        </button>
        <button type="button" class="button" disabled={name === undefined} onClick={() => onUse(undefined)}>
          Take it away
        </button>
      </div>
      <p id="reward-problem" class={problem === undefined ? 'muted' : 'problem'} role="status">
        {problem !== undefined
          ? `${problem.line === undefined ? '' : `Line ${problem.line}: `}${problem.message}`
          : name !== undefined
            ? `The reward “${name}” counts from the next step on.`
            : 'Accuracy and format count.'}
      </p>
      {rescored === undefined || group === undefined ? null : (
        <table class="rescored">
          <caption class="muted">The last {rescored.responses.length} responses, by this reward</caption>
          <thead>
            <tr>
              <th>Response</th>
              <NumberHeads names={['Reward, before', 'now', 'Advantage, before', 'now']} />
            </tr>
          </thead>
          <tbody>
            {rescored.responses.map((response, i) => (
              <tr key={i}>
                <td class="number">{i + 1}</td>
                <td class="number right-align">{compact(group.responses[i]!.reward)}</td>
                <td class="number right-align">{compact(response.reward)}</td>
                <td class="number right-align">{group.responses[i]!.advantage.toFixed(2)}</td>
                <td class="number right-align">{response.advantage.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
