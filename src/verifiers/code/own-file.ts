/** Where the code of a sandbox is: beside this file, compiled in the package and TypeScript in a checkout. */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const stripsTypes = (process.features as { typescript?: unknown }).typescript === 'strip'

/** Whether this version of Node needs tsx for it. */
export const needsTsx = extension === 'ts' && !stripsTypes

/** `name` is a file's, without its ending. */
export const ownFile = (name: string): URL => new URL(`./${name}.${extension}`, import.meta.url)

/** A module of tsx as a URL; its ES modules stand beside the CommonJS ones that are found here. */
export const tsxModule = (name: string): string =>
  pathToFileURL(createRequire(import.meta.url).resolve(name)).href.replace(/\.cjs$/, '.mjs')
