/** How the Hugging Face hub names models and data sets. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'

/** `owner/name`. */
export const isHubName = (text: string): boolean => /^\w[\w.-]*\/[\w.-]+$/.test(text)

/** Whether somebody who wrote this path may have meant the hub: nothing of its first part is on this machine. */
export const mayBeHubName = (path: string): boolean =>
  isHubName(path) && !existsSync(dirname(path)) && !/^(runs|models|data)\//.test(path)
