/**
 * Ctrl-C and SIGTERM as an AbortSignal: the first one asks the running stage to save and end, a second one exits at
 * once. A stage that has saved throws `Stopped`, which the CLI prints without a stack. `outputClosed` asks for the same.
 */

export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGPIPE: 141, finding: 3 } as const

/** npm forwards the terminal's Ctrl-C, so that one key press may arrive twice. */
const ECHO_MILLISECONDS = 400

/** The end of a run that was asked to stop and has saved. */
export class Stopped extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT_CODES.SIGINT) {
    super(message)
    this.name = 'Stopped'
    this.exitCode = exitCode
  }
}

export interface StopListener {
  /** Its reason is a `Stopped`. */
  signal: AbortSignal
  close(): void
}

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGPIPE'

const listeners = new Set<(signal: Signal) => void>()

/**
 * Nobody reads the output any more (`| head`): what runs saves and ends. False where nothing listens. No true SIGPIPE:
 * Node ignores that signal until somebody has listened to it, and dies of it afterwards.
 */
export function outputClosed(): boolean {
  for (const stop of listeners) stop('SIGPIPE')
  return listeners.size > 0
}

/** Listens from now until `close`; `notice` is printed on stderr at the first signal. */
export function listenForStop(
  notice = 'Stopping after this step and saving. Press Ctrl-C again to exit at once.',
): StopListener {
  const controller = new AbortController()
  let stoppedAt = 0
  const stop = (signal: Signal) => {
    const now = performance.now()
    if (!controller.signal.aborted) {
      stoppedAt = now
      process.stderr.write(`\n${notice}\n`)
      controller.abort(new Stopped('Stopped.', EXIT_CODES[signal]))
    } else if (signal !== 'SIGPIPE' && now - stoppedAt > ECHO_MILLISECONDS) process.exit(EXIT_CODES[signal])
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  listeners.add(stop)
  return {
    signal: controller.signal,
    close() {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      listeners.delete(stop)
    },
  }
}

/** The end of what the signal stopped, with the exit code of Ctrl-C or SIGTERM. */
export const stopped = ({ reason }: AbortSignal, message: string): Stopped =>
  new Stopped(message, reason instanceof Stopped ? reason.exitCode : undefined)

/** What a stage throws once it has saved: where it stopped, and the command that continues it. */
export const stoppedAt = (
  signal: AbortSignal,
  step: number,
  folder: string,
  resumeCommand: string,
): Stopped =>
  stopped(
    signal,
    `Stopped at step ${step}; everything is saved in ${folder}.\nContinue with: ${resumeCommand}`,
  )

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
