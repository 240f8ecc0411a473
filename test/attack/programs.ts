/** Programs that a model could write to end or block the process that judges them. */
import assert from 'node:assert/strict'
import { type CodeTests, closeSandboxes, verifyCode } from '../../src/verifiers/code/verify.ts'
import type { Attack } from './attack.ts'

const PRINTS: CodeTests = { kind: 'stdio', tests: [{ input: '', output: '7' }] }
const RETURNS: CodeTests = {
  kind: 'function',
  name: 'f',
  language: 'javascript',
  cases: [{ arguments: [1], expected: 4217 }],
}
const python = (program: string) => `\`\`\`python\n${program}\n\`\`\``
const javascript = (program: string) => `\`\`\`js\n${program}\n\`\`\``

/** Python that puts `text`, an expression, where the sandbox expects the answer of a run. */
const forged = (text: string) => `import sys\nsys.modules['_runner'].dumps = lambda answer: ${text}`

/** The attacker is refused, the honest program after it is not, and the main thread works for neither. */
async function outlives(attacker: string, honest: string, tests: CodeTests): Promise<void> {
  const limits = { secondsPerTest: 20, secondsTotal: 60 }
  await verifyCode(honest, tests, limits)
  const longestMs = watchMainThread()
  const refused = await verifyCode(attacker, tests, limits)
  const accepted = await verifyCode(honest, tests, limits)
  const blockedMs = longestMs()
  await closeSandboxes()
  assert.equal(refused.correct, false, 'the attacker was paid')
  assert.equal(accepted.correct, true, `the honest program after it: ${accepted.reason}`)
  assert.ok(blockedMs < 50, `the main thread was blocked for ${blockedMs.toFixed(0)} ms`)
}

/** The longest stretch of processor time between two turns of the event loop; other processes do not add to it. */
function watchMainThread(): () => number {
  let longest = 0
  let before = process.cpuUsage()
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    longest = Math.max(longest, (user + system) / 1000)
  }, 2)
  return () => {
    clearInterval(timer)
    return longest
  }
}

const program = (name: string, attacker: string, quick = false): Attack => ({
  name,
  holds:
    'The program gets 0, the next one its own verdict, and the main thread is blocked for less than 50 ms.',
  quick,
  heapMb: 512,
  run: () => outlives(python(attacker), python('print(7)'), PRINTS),
})

export const attacks: Attack[] = [
  program('an answer nested eight million deep', forged(`'{"a":' + '[' * 8000000 + ']' * 8000000 + '}'`)),
  program('an answer of five million empty lists', forged(`'{"a":[' + '[],' * 5000000 + '[]]}'`)),
  program(
    'two million empty writes',
    'import os\nnothing = [b""] * 1000\nfor _ in range(2000): os.writev(1, nothing)\nprint(8)',
    true,
  ),
  program('writes of one byte up to the limit', 'import os\nwhile True: os.write(1, b"x")'),
  {
    name: 'a JavaScript value of a hundred million characters',
    holds: 'The value is refused where it was made; the main thread never sees it.',
    quick: false,
    heapMb: 512,
    run: () =>
      outlives(
        javascript('JSON.stringify = () => "[" + "[],".repeat(33000000)\nfunction f() { return 1 }'),
        javascript('function f() { return 4217 }'),
        RETURNS,
      ),
  },
]
