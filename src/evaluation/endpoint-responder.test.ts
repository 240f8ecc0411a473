import { expect, it } from 'vitest'
import { endpointResponder } from './endpoint-responder.ts'

it('is another target where no sampling settings are sent: cached responses belong to the way of asking', () => {
  const target = (reasoningModel: boolean) => {
    const { name, version } = endpointResponder({
      url: 'http://127.0.0.1:1/v1',
      model: 'm',
      idleSeconds: 1,
      concurrency: 1,
      reasoningModel,
    })
    return { name, version }
  }
  expect(target(true).name).toBe(target(false).name)
  expect(target(true).version).not.toBe(target(false).version)
})
