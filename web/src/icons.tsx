const PATHS = {
  runs: 'M3 17l5-6 4 3 8-9',
  evaluations: 'M5 20V11M12 20V4M19 20v-6',
  chat: 'M4 5h16v11H9l-5 4z',
  train: 'M6 4l13 8-13 8z',
  sun: 'M12 7.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5',
  moon: 'M20 14.5A8.5 8.5 0 019.5 4a8.5 8.5 0 1010.5 10.5z',
  contrast: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 3v18M15 4.6v14.8M18 6.7v10.6',
  left: 'M14.5 6l-6 6 6 6',
  right: 'M9.5 6l6 6-6 6',
  down: 'M6 9.5l6 6 6-6',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  link: 'M10 14a4 4 0 006 0l3-3a4.2 4.2 0 00-6-6l-1 1M14 10a4 4 0 00-6 0l-3 3a4.2 4.2 0 006 6l1-1',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  retry: 'M5 12a7 7 0 101.9-4.8M5 4v4.2h4.2',
  stop: 'M7 7h10v10H7z',
  send: 'M12 19V5M6 11l6-6 6 6',
  sliders: 'M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4',
  compare: 'M4 5h7v14H4zM13 5h7v14h-7z',
  close: 'M6 6l12 12M18 6L6 18',
  reset: 'M4 9V4h5M20 15v5h-5M4 4l6 6M20 20l-6-6',
  search: 'M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l4 4',
  thought: 'M12 3a6.5 6.5 0 00-4 11.6V17h8v-2.4A6.5 6.5 0 0012 3zM9.5 20h5',
} as const

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The project's sign and name, for the head of a page. */
export function Mark() {
  return (
    <>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M7 23l7-6 4 2 7-11" />
      </svg>
      <span>r1</span>
    </>
  )
}
