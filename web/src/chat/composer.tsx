/** Where one writes: Enter sends, Shift+Enter is a new line, Escape stops. */
import { useRef, useState } from 'preact/hooks'
import { Icon } from '../icons.tsx'

export function Composer({
  ready,
  busy,
  hint,
  onAsk,
  onStop,
}: {
  /** There is a model to ask. */
  ready: boolean
  busy: boolean
  /** A question that the model can answer. */
  hint: string | undefined
  onAsk: (text: string) => void
  onStop: () => void
}) {
  const [text, setText] = useState('')
  const area = useRef<HTMLTextAreaElement>(null)
  const send = () => {
    if (!ready || busy || text.trim() === '') return
    onAsk(text)
    setText('')
    if (area.current) area.current.style.height = ''
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        ref={area}
        rows={1}
        aria-label="Your question"
        placeholder={hint ?? 'Ask something'}
        value={text}
        disabled={!ready}
        onInput={(event) => {
          const { currentTarget: element } = event
          setText(element.value)
          element.style.height = 'auto'
          element.style.height = `${Math.min(240, element.scrollHeight)}px`
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && busy) onStop()
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      {busy ? (
        <button type="button" class="send" aria-label="Stop" title="Stop (Escape)" onClick={onStop}>
          <Icon name="stop" />
        </button>
      ) : (
        <button
          type="submit"
          class="send"
          aria-label="Send"
          title="Send (Enter)"
          disabled={!ready || text.trim() === ''}
        >
          <Icon name="send" />
        </button>
      )}
    </form>
  )
}
