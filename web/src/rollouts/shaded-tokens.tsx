/** A response token by token, the paler the more the model expected it; fetched a window at a time. */
import { useEffect, useState } from 'preact/hooks'
import type { TokenWindow } from '../../../src/server/dashboard/api.ts'
import { getJson } from '../fetch.ts'
import { whole } from '../format.ts'

export type Shading = 'none' | 'logprob' | 'ratio'

const WINDOW = 1500

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
  return (
    <>
      <span class="tokens">
        {windows.flatMap(({ pieces, logprobs, reference, offset }) =>
          pieces.map((piece, i) => {
            const logprob = logprobs[i] ?? 0
            const before = reference?.[i]
            const { title, style } = shading === 'ratio' ? byRatio(logprob, before) : byLogprob(logprob)
            return (
              <span key={offset + i} title={title} style={style}>
                {piece}
              </span>
            )
          }),
        )}
      </span>
      {total !== undefined && known < total ? (
        <button type="button" class="button" onClick={() => setWanted(wanted + 1)}>
          {whole(Math.min(WINDOW, total - known))} more of {whole(total)} tokens
        </button>
      ) : null}
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
