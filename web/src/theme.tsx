/** Light, dark, or as the system has it. Colours themselves are in theme.css. */
import { useEffect, useState } from 'preact/hooks'
import { Icon } from './icons.tsx'

const THEMES = ['system', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

const stored = (): Theme => THEMES.find((theme) => theme === localStorage.getItem('r1-theme')) ?? 'system'

export function applyTheme(theme = stored()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  localStorage.setItem('r1-theme', theme)
  dispatchEvent(new Event('themechange'))
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(stored)
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!
  return (
    <button
      type="button"
      class="ghost theme-switch"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => {
        applyTheme(next)
        setTheme(next)
      }}
    >
      <Icon name={theme === 'dark' ? 'moon' : theme === 'light' ? 'sun' : 'contrast'} />
      <span>{theme}</span>
    </button>
  )
}

/** Renders again when the colours change; canvases do not follow style sheets. */
export function useThemeVersion(): number {
  const [version, setVersion] = useState(0)
  useEffect(() => {
    const changed = () => setVersion((now) => now + 1)
    const system = matchMedia('(prefers-color-scheme: dark)')
    addEventListener('themechange', changed)
    system.addEventListener('change', changed)
    return () => {
      removeEventListener('themechange', changed)
      system.removeEventListener('change', changed)
    }
  }, [])
  return version
}

/** What `var(--name)` is now, for canvases. */
export function color(name: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}
