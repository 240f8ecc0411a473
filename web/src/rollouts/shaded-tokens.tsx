/**
 * A response token by token, the paler the more the model expected it; fetched a window at a time. One tab stop: a tap
 * or the arrow keys choose the token whose figures are written below.
 */
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { TokenWindow } from '../../../src/server/dashboard/api.ts'
import { getJson } from '../fetch.ts'
import { whole } from '../format.ts'

export type Shading = 'none' | 'logprob' | 'ratio'

const WINDOW = 1500

/** Tokens that a key moves by. */
const TURNS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

export function ShadedTokens({ path, shading }: { path: string; shading: Shading }) {
  const [windows, setWindows] = useState<TokenWindow[]>([])
  const [wanted, setWanted] = useState(1)
  const [error, setError] = useState<string>()
  const known = windows.reduce((sum, { pieces }) => sum + pieces.length, 0)
  const total = windows[0]?.total
  useEffect(() => {
    if (windows.length >= wanted) return
    const abort = new AbortController()
    getJson<TokenWindow>(`${path}?offset=${known}&limit=${WINDOW}`, abort.signal)
      .then((next) => next && setWindows([...windows, next]))
      .catch((reason: Error) => abort.signal.aborted || setError(reason.message))
    return () => abort.abort()
  }, [wanted])
  if (error !== undefined) return <p class="problem">{error}</p>
  const tokens = windows.flatMap(({ pieces, logprobs, reference }) =>
    pieces.map((piece, i) => ({ piece, logprob: logprobs[i] ?? 0, reference: reference?.[i] })),
  )
  return (
    <>
      <TokenList tokens={tokens} shading={shading} />
      {total !== undefined && known < total ? (
        <button type="button" class="button" onClick={() => setWanted(wanted + 1)}>
          {whole(Math.min(WINDOW, total - known))} more of {whole(total)} tokens
        </button>
      ) : null}
    </>
  )
}

interface ShownToken {
  piece: string
  logprob: number
  /** Its log-probability by what it is compared with. */
  reference: number | undefined
}

/** Tokens that are here, shaded. */
export function TokenList({ tokens: given, shading }: { tokens: readonly ShownToken[]; shading: Shading }) {
  const [chosen, setChosen] = useState<number>()
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  useEffect(() => {
    if (chosen !== undefined) list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const pressed = (event: KeyboardEvent) => {
    const turn = TURNS[event.key]
    if (turn === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    setChosen(Math.max(0, Math.min(given.length - 1, (chosen ?? -1) + turn)))
  }
  const tapped = ({ target }: Event) => {
    const at = Array.from(list.current!.children).indexOf(target as Element)
    if (at < 0) return
    setChosen(at)
    list.current!.focus({ preventScroll: true })
  }
  const tokens = given.map(({ piece, logprob, reference }) => ({
    piece,
    ...(shading === 'ratio' ? byRatio(logprob, reference) : byLogprob(logprob)),
  }))
  return (
    <>
      <div
        ref={list}
        class="tokens"
        role="listbox"
        aria-label="Tokens"
        aria-activedescendant={chosen === undefined ? undefined : id}
        tabIndex={0}
        onKeyDown={pressed}
        onClick={tapped}
      >
        {tokens.map(({ piece, title, style }, i) => (
          <span
            key={i}
            id={i === chosen ? id : undefined}
            role="option"
            aria-selected={i === chosen}
            tabIndex={-1}
            title={title}
            style={style}
          >
            {piece}
          </span>
        ))}
      </div>
      <output class="token-value">
        {chosen === undefined ? null : `${JSON.stringify(tokens[chosen]!.piece)} ${tokens[chosen]!.title}`}
      </output>
    </>
  )
}

/** No shade for a certain token; full at a probability of 2 %. */
function byLogprob(logprob: number) {
  const surprise = Math.min(1, -logprob / 4)
  return {
    title: `p = ${(100 * Math.exp(logprob)).toFixed(1)} %, log p = ${logprob.toFixed(3)}`,
    style: {
      background: `color-mix(in oklab, var(--surprise) ${(surprise * 100).toFixed(0)}%, transparent)`,
    },
  }
}

/** Warm where the policy makes the token likelier than its reference, cold where less; full at a factor of 4. */
function byRatio(logprob: number, reference: number | undefined) {
  if (reference === undefined) return { title: '', style: {} }
  const log = logprob - reference
  const strength = (100 * Math.min(1, Math.abs(log) / Math.log(4))).toFixed(0)
  return {
    title: `ratio ${Math.exp(log).toFixed(3)}, p = ${(100 * Math.exp(logprob)).toFixed(1)} %`,
    style: {
      background: `color-mix(in oklab, var(--${log > 0 ? 'likelier' : 'rarer'}) ${strength}%, transparent)`,
    },
  }
}
