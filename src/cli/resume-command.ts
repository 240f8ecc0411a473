/** The command that goes on with a run, as messages tell the user to type it. */
import type { Run } from '../run/folder.ts'
import { shellWord } from './shell-word.ts'

export function resumeCommand({ folder, info: { recipe } }: Pick<Run, 'folder' | 'info'>): string {
  const command = recipe === 'pretrain' ? recipe : `train ${recipe}`
  return `npx r1 ${command} --run ${shellWord(folder)} --resume`
}
