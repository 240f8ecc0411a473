/** Code to be written, with line numbers. */
import { useRef } from 'preact/hooks'

export function CodeEditor({
  label,
  code,
  onInput,
  wrongLine,
  problem,
}: {
  label: string
  code: string
  onInput: (code: string) => void
  /** From 1. */
  wrongLine: number | undefined
  /** The id of the element that says what is wrong, where something is. */
  problem: string | undefined
}) {
  const lines = useRef<HTMLOListElement>(null)
  const numLines = code.split('\n').length
  return (
    <div class="editor">
      <ol class="line-numbers number" aria-hidden="true" ref={lines}>
        {Array.from({ length: numLines }, (_, i) => (
          <li key={i} class={wrongLine === i + 1 ? 'wrong-line' : undefined}>
            {i + 1}
          </li>
        ))}
      </ol>
      <textarea
        class="mono"
        aria-label={label}
        aria-invalid={problem !== undefined}
        aria-describedby={problem}
        spellcheck={false}
        autocapitalize="off"
        wrap="off"
        rows={Math.min(24, Math.max(10, numLines + 1))}
        value={code}
        onInput={(event) => onInput(event.currentTarget.value)}
        onScroll={(event) => {
          if (lines.current) lines.current.scrollTop = event.currentTarget.scrollTop
        }}
      />
    </div>
  )
}
