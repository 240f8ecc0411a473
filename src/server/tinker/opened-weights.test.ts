import { expect, it } from 'vitest'
import type { Engine } from '../../engine/engine.ts'
import { createOpenedWeights } from './opened-weights.ts'

/** What was opened and closed, in order. */
function noted() {
  const notes: string[] = []
  const weights = createOpenedWeights(async (folder) => {
    notes.push(`open ${folder}`)
    if (folder === 'none') throw new Error('nothing here')
    return { close: () => void notes.push(`close ${folder}`) } as Engine
  })
  return { notes, weights }
}
const nothing = async () => {}

it('opens a folder once, and closes what was unused for longest', async () => {
  const { notes, weights } = noted()
  for (const folder of ['a', 'b', 'a', 'c', 'd', 'e']) await weights.use(folder, nothing)
  await expect.poll(() => notes).toEqual(['open a', 'open b', 'open c', 'open d', 'open e', 'close b'])
  await weights.close()
  expect(notes.slice(-4).sort()).toEqual(['close a', 'close c', 'close d', 'close e'])
})

it('a dropped folder is opened again, and closed when its last use has ended', async () => {
  const { notes, weights } = noted()
  let end = () => {}
  const long = weights.use('a', () => new Promise<void>((resolve) => (end = resolve)))
  const dropped = weights.drop('a')
  await weights.use('a', nothing)
  expect(notes).toEqual(['open a', 'open a'])
  end()
  await Promise.all([long, dropped])
  expect(notes).toEqual(['open a', 'open a', 'close a'])
})

it('asks again for what could not be opened', async () => {
  const { notes, weights } = noted()
  for (let time = 0; time < 2; time++) await expect(weights.use('none', nothing)).rejects.toThrow('nothing')
  expect(notes).toEqual(['open none', 'open none'])
})
