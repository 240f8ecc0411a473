import { expect, it } from 'vitest'
import { pocketWorld } from '../pipeline/world.ts'
import { checkR1, r1Config } from './r1-config.ts'

it.each([
  [{ endpoint: 'http://127.0.0.1:8000/v1' }, /^coldStart\.apiModel: the server must be told which model/],
  [
    { endpoint: 'localhost:8000', apiModel: 'm' },
    /^coldStart\.endpoint is "localhost:8000": not an address\. Expected a URL such as http:/,
  ],
])('a rewriter %j is refused before anything is trained', async (coldStart, message) => {
  await expect(checkR1(r1Config.parse({ coldStart }), pocketWorld)).rejects.toThrow(message)
})

const judge = { endpoint: 'http://127.0.0.1:8000/v1', apiModel: 'judge' }

it.each([
  [{ judge: { endpoint: judge.endpoint } }, /^judge\.apiModel: the server must be told which model/],
  [{ data: { judged: 5 } }, /^data\.judged: it needs a model that judges\. Name it: judge\.endpoint/],
  [{ rewardModels: { judged: true } }, /^rewardModels\.judged: it needs a model that judges/],
  [{ judge, data: { judged: 5 } }, /^data\.judged is 5: this world has no questions that only a judge/],
])('a judge %j is refused before anything is trained', async (settings, message) => {
  await expect(checkR1(r1Config.parse(settings), pocketWorld)).rejects.toThrow(message)
})
