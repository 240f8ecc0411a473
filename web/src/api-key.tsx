/** A server may ask for a key; it is kept in this tab alone. */
import { useEffect, useState } from 'preact/hooks'
import { Empty, Problem } from './ui.tsx'

const KEY = 'r1-api-key'

export function keyHeader(): Record<string, string> {
  const key = sessionStorage.getItem(KEY)
  return key === null ? {} : { authorization: `Bearer ${key}` }
}

/** To be called with every status; an answer of 401 brings up the form. */
export function noticeStatus(status: number): void {
  if (status === 401) dispatchEvent(new Event('keywanted'))
}

export function useKeyWanted(): boolean {
  const [wanted, setWanted] = useState(false)
  useEffect(() => {
    const ask = () => setWanted(true)
    addEventListener('keywanted', ask)
    return () => removeEventListener('keywanted', ask)
  }, [])
  return wanted
}

export function KeyForm() {
  const [key, setKey] = useState('')
  // The key of this tab was sent with what was answered by a 401.
  const refused = sessionStorage.getItem(KEY) !== null
  return (
    <Empty page title="This server asks for an API key">
      <form
        class="key-form"
        onSubmit={(event) => {
          event.preventDefault()
          sessionStorage.setItem(KEY, key)
          location.reload()
        }}
      >
        <input
          type="password"
          aria-label="API key"
          autocomplete="off"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <button type="submit" class="button primary">
          Use it
        </button>
      </form>
      <Problem text={refused ? 'This key was refused.' : undefined} />
      <p>It is kept in this tab alone.</p>
    </Empty>
  )
}
