import { expect, it } from 'vitest'
import { ConfigError, thrownBy, UserError } from './errors.ts'

const caught = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

it('what code of the user threw is one sentence with the line that did', () => {
  const thrown = caught(() => (undefined as unknown as string).length)
  const { message, cause } = thrownBy('reward short', thrown)
  expect(message).toMatch(/^reward short: it threw TypeError: Cannot read .* at \S*errors\.test\.ts:\d+\.$/)
  expect(cause).toBe(thrown)
})

it('passes over lines of Node and of packages, and needs none', () => {
  const error = Object.assign(new Error('no answer'), {
    stack: `Error: no answer
    at node:internal/deps/undici/undici:13510:13
    at ask (/home/me/node_modules/client/index.js:3:5)
    at Object.score (/home/me/short.ts:7:20)`,
  })
  expect(thrownBy('reward asked', error).message).toBe(
    'reward asked: it threw Error: no answer at /home/me/short.ts:7.',
  )
  expect(thrownBy('reward asked', 'no').message).toBe('reward asked: it threw no.')
})

it('a mistake that is told already stays as it is', () => {
  const told = new ConfigError('no judge.')
  expect(thrownBy('reward asked', told)).toBe(told)
  expect(thrownBy('reward asked', new Error('x'))).toBeInstanceOf(UserError)
})
