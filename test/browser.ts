/** Chromium without a window, for the page's tests and its screenshots: Debian's, or the one that CHROMIUM names. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { type Browser, chromium, type Page } from 'playwright-core'

const PATH = process.env.CHROMIUM || '/usr/bin/chromium'

export const hasBrowser = existsSync(PATH)
export const NO_BROWSER = `there is no ${PATH} (apt-get install chromium, or CHROMIUM=<path>)`

/** WebGPU on the software adapter that Chromium brings, in place of no GPU at all. */
export const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']

/** A fresh profile each time; nothing of it reaches a network. */
export async function openBrowser(gpu: readonly string[] = ['--disable-gpu']): Promise<Browser> {
  return await chromium.launch({
    executablePath: PATH,
    timeout: 120_000,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...gpu,
    ],
  })
}

/** Where the folder is unpacked, in `into`, whose zip the page gives for that button. */
export async function downloadedFolder(page: Page, button: string, into: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ])
  const files = Object.entries(unzipSync(readFileSync(await file.path())))
  for (const [name, bytes] of files) {
    mkdirSync(join(into, dirname(name)), { recursive: true })
    writeFileSync(join(into, name), bytes)
  }
  return join(into, files[0]![0].split('/')[0]!)
}
