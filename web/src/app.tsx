/** The frame: where one can go, and the page for where one is. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { KeyForm, useKeyWanted } from './api-key.tsx'
import { Chat } from './chat/chat.tsx'
import { Evaluations } from './evaluations/evaluations.tsx'
import { Icon, Mark } from './icons.tsx'
import { href, useRoute } from './router.ts'
import { RunList } from './runs/run-list.tsx'
import { RunPage } from './runs/run-page.tsx'
import { ThemeSwitch } from './theme.tsx'
import { Boundary } from './ui.tsx'

const PLACES = [
  { name: 'runs', label: 'Runs' },
  { name: 'evaluations', label: 'Evaluations' },
  { name: 'chat', label: 'Chat' },
] as const

export function App() {
  const { path } = useRoute()
  const locked = useKeyWanted()
  const place = path[0] ?? 'runs'
  const title = PLACES.find(({ name }) => name === place)?.label ?? 'Runs'
  useEffect(() => {
    document.title = path[1] === undefined ? `${title} · r1` : `${path[1]} · r1`
  }, [title, path[1]])
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <header class="rail">
        <a class="brand" href={href(['runs'])} aria-label="r1, to the runs">
          <Mark />
        </a>
        <nav aria-label="Main">
          {PLACES.map(({ name, label }) => (
            <a key={name} href={href([name])} aria-current={place === name ? 'page' : undefined}>
              <Icon name={name} />
              <span>{label}</span>
            </a>
          ))}
          <a href="./train/">
            <Icon name="train" />
            <span>Train here</span>
          </a>
        </nav>
        <ThemeSwitch />
      </header>
      <main id="main" tabIndex={-1}>
        {locked ? (
          <KeyForm />
        ) : (
          <Boundary key={path.join('/')}>
            <Place name={place} path={path} />
          </Boundary>
        )}
      </main>
    </div>
  )
}

function Place({ name, path }: { name: string; path: string[] }): ComponentChildren {
  if (name === 'chat') return <Chat />
  if (name === 'evaluations') return <Evaluations id={path[1]} problem={path[2]} />
  if (path[1] === undefined) return <RunList />
  return <RunPage ids={path[1].split(',')} tab={path[2] ?? 'curves'} rest={path.slice(3)} />
}
