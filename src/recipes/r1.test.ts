import { expect, it } from 'vitest'
import { checkR1, r1Config } from './r1.ts'

it.each([
  [{ endpoint: 'http://127.0.0.1:8000/v1' }, /^coldStart\.apiModel: the server must be told which model/],
  [
    { endpoint: 'localhost:8000', apiModel: 'm' },
    /^coldStart\.endpoint is "localhost:8000": not an address\. Expected a URL such as http:/,
  ],
])('a rewriter %j is refused before anything is trained', async (coldStart, message) => {
  await expect(checkR1(r1Config.parse({ coldStart }))).rejects.toThrow(message)
})
