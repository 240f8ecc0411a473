/** One response: verdict, rewards by part, advantage, and its text with the answer set apart. */
import type { ComponentChildren } from 'preact'
import type { RolloutResponse } from '../../../src/server/dashboard/api.ts'
import { compact, whole } from '../format.ts'
import { Scrollable } from '../ui.tsx'
import { ShadedTokens, type Shading } from './shaded-tokens.tsx'

export function ResponseCard({
  response,
  most,
  children,
}: {
  response: Omit<RolloutResponse, 'text' | 'characters' | 'hasLogprobs' | 'hasReference'>
  /** The group's greatest advantage. */
  most: number
  /** Its text. */
  children: ComponentChildren
}) {
  const { sample, right, truncated, mixed, tokens, reward, rewards, advantage } = response
  return (
    <li class={`card response ${right ? 'is-right' : 'is-wrong'}`}>
      <header>
        <span class="response-number">{sample + 1}</span>
        <span class={`verdict ${right ? 'right' : 'wrong'}`}>{right ? 'right' : 'wrong'}</span>
        {truncated ? <span class="tag">truncated</span> : null}
        {mixed ? <span class="tag">mixed</span> : null}
        <span class="muted number grow">{whole(tokens)} tokens</span>
      </header>
      {advantage === null ? null : (
        <div class="advantage" title={`advantage ${compact(advantage)}`}>
          <span>advantage</span>
          <span class="diverging" aria-hidden="true">
            <i
              class={advantage < 0 ? 'negative' : 'positive'}
              style={{ width: `${(50 * Math.abs(advantage)) / most}%` }}
            />
          </span>
          <b class="number">{advantage.toFixed(2)}</b>
        </div>
      )}
      <dl class="rewards">
        {Object.entries(rewards).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{value === null ? '–' : compact(value)}</dd>
          </div>
        ))}
        <div class="whole">
          <dt>reward</dt>
          <dd class="number">{compact(reward)}</dd>
        </div>
      </dl>
      <Scrollable class="response-text" label={`Response ${sample + 1}`}>
        {children}
      </Scrollable>
    </li>
  )
}

export const mostAdvantage = (responses: readonly { advantage: number | null }[]) =>
  Math.max(1e-9, ...responses.map(({ advantage }) => Math.abs(advantage ?? 0)))

/** The text of a response that the server has: its beginning, or its tokens shaded. */
export function StoredText({
  response,
  path,
  shading,
}: {
  response: RolloutResponse
  path: string
  shading: Shading
}) {
  const { sample, text, characters, hasLogprobs, hasReference } = response
  if (shading !== 'none' && hasLogprobs && (shading !== 'ratio' || hasReference))
    return <ShadedTokens path={`${path}/${sample}/tokens`} shading={shading} />
  return (
    <>
      <Marked text={text} />
      {text.length < characters ? (
        <p class="muted">
          … the first {whole(text.length)} of {whole(characters)} characters
        </p>
      ) : null}
    </>
  )
}

/** Tags step back, the answer stands out. */
export function Marked({ text }: { text: string }): ComponentChildren {
  return text
    .trim()
    .split(/(<\/?think>|<answer>[\s\S]*?(?:<\/answer>|$))/)
    .map((piece, i) => {
      if (/^<\/?think>$/.test(piece))
        return (
          <span key={i} class="think-tag">
            {piece}
          </span>
        )
      const answer = /^<answer>([\s\S]*?)(?:<\/answer>)?$/.exec(piece)
      if (answer !== null)
        return (
          <span key={i} class="answer-box">
            {answer[1]!.trim()}
          </span>
        )
      return piece
    })
}
