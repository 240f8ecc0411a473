/**
 * Runs the attacks of this folder and says what held.
 *
 *     npm run attack [-- WORD]       those whose file or name contains WORD; all where none is given
 *
 * Takes minutes. Exits with 1 where something did not hold. CI runs the quick ones (attacks.test.ts).
 */
import { parseArgs } from 'node:util'
import { findAttacks, tryAttack } from './attack.ts'

const { values, positionals } = parseArgs({
  options: { one: { type: 'string' } },
  allowPositionals: true,
})
const all = await findAttacks()

if (values.one !== undefined) {
  const attack = all.find(({ file, name }) => `${file}/${name}` === values.one)
  if (attack === undefined) throw new Error(`no attack ${values.one}`)
  await attack.run()
  process.exit(0)
}

const word = positionals[0] ?? ''
let numLost = 0
for (const attack of all.filter(({ file, name }) => `${file} ${name}`.includes(word))) {
  const { held, detail, seconds } = await tryAttack(attack)
  if (!held) numLost++
  console.log(
    `${held ? 'held' : 'LOST'}  ${seconds.toFixed(1).padStart(6)} s  ${attack.file}: ${attack.name}`,
  )
  console.log(`                ${attack.holds}`)
  if (!held) console.log(`                ${detail}`)
}
console.log(numLost === 0 ? 'everything held' : `${numLost} did not hold`)
process.exitCode = numLost === 0 ? 0 : 1
