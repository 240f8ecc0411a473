import { expect, it } from 'vitest'
import { endpointResponder } from './endpoint-responder.ts'

it('is another target where no sampling settings are sent: cached responses belong to the way of asking', async () => {
  const target = async (reasoningModel: boolean) => {
    const { name, version } = await endpointResponder({
      url: 'http://127.0.0.1:1/v1',
      model: 'm',
      idleSeconds: 1,
      concurrency: 1,
      reasoningModel,
    })
    return { name, version }
  }
  const [without, with_] = [await target(true), await target(false)]
  expect(without.name).toBe(with_.name)
  expect(without.version).not.toBe(with_.version)
})
