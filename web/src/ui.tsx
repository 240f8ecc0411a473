/** Small parts that several pages share. */
import type { ComponentChildren, Ref } from 'preact'
import { useErrorBoundary, useState } from 'preact/hooks'
import type { RunStatus } from '../../src/run/folder.ts'

export function StatusPill({ status }: { status: RunStatus }) {
  return <span class={`pill status-${status}`}>{status}</span>
}

/** What cannot be drawn is told in its own place, and the rest of the page stays. */
export function Boundary({ children }: { children: ComponentChildren }) {
  const [error] = useErrorBoundary()
  return error === undefined ? (
    children
  ) : (
    <Problem text={`This cannot be shown: ${(error as Error).message ?? error}`} />
  )
}

/** What is shown where there is nothing yet; `page` where that is all the page has, so that its title heads it. */
export function Empty({
  title,
  page = false,
  children,
}: {
  title: string
  page?: boolean
  children?: ComponentChildren
}) {
  return (
    <div class="empty">
      {page ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  )
}

/** Nothing is known yet. */
export function Loading() {
  return (
    <p class="loading muted" role="status">
      Loading …
    </p>
  )
}

/** A command to type in a terminal, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <div class="command">
      <code>{text}</code>
      <button
        type="button"
        class="ghost"
        onClick={async () => {
          setCopied(await toClipboard(text))
          setTimeout(() => setCopied(false), 2000)
        }}
      >
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  )
}

/** Is it there? A page that is not from this machine or over TLS has no clipboard. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** What may be larger than its place, and then scrolls: the keyboard reaches it, and a screen reader names it. */
export function Scrollable({
  label,
  class: className,
  pane = null,
  children,
}: {
  label: string
  class: string
  pane?: Ref<HTMLDivElement>
  children: ComponentChildren
}) {
  return (
    // biome-ignore lint/a11y: a scrolling part without a control in it is out of the keyboard's reach otherwise
    <div class={className} role="group" aria-label={label} tabIndex={0} ref={pane}>
      {children}
    </div>
  )
}

export function Problem({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  )
}

/** What was done, said once. */
export function Notice({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p class="notice" role="status">
      {text}
    </p>
  )
}

/** Headings of columns of numbers. */
export function NumberHeads({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name, i) => (
        <th key={i} class="right-align">
          {name}
        </th>
      ))}
    </>
  )
}

/** One choice among few, as a row of buttons. */
export function Segmented<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  label: string
  options: readonly { value: T; label: string }[]
  value: T
  onChange: (value: T) => void
}) {
  return (
    <fieldset class="segmented" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  )
}

export function Select<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  label: string
  options: readonly { value: T; label: string }[]
  value: T
  onChange: (value: T) => void
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Hands a file to the browser. */
export function download(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
