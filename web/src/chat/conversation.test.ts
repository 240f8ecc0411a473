import { expect, it } from 'vitest'
import {
  type Conversation,
  emptyReply,
  fromFragment,
  messagesFor,
  SAMPLING,
  toFragment,
} from './conversation.ts'

const conversation: Conversation = {
  models: ['base', 'r1'],
  sampling: { ...SAMPLING, system: 'Be brief.' },
  turns: [
    {
      question: '用数字 2, 7 算出 9?',
      replies: ['a', 'b'].map((answer) => ({ ...emptyReply('m'), thinking: 'long', answer, state: 'done' })),
    },
    { question: 'And 14?', replies: [emptyReply('base'), emptyReply('r1')] },
  ],
}

it('a link holds the whole conversation', async () => {
  const fragment = await toFragment(conversation)
  expect(fragment).toMatch(/^[\w-]+$/)
  const [first, second] = conversation.turns
  // Nobody continues a reply that was on its way.
  const replies = second!.replies.map((reply) => ({ ...reply, state: 'stopped' }))
  expect(await fromFragment(fragment)).toEqual({ ...conversation, turns: [first, { ...second, replies }] })
  await expect(fromFragment('e30')).rejects.toThrow()
})

it("a model hears its own answers, without anybody's thinking", () => {
  expect(messagesFor(conversation, 1, 1)).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: '用数字 2, 7 算出 9?' },
    { role: 'assistant', content: 'b' },
    { role: 'user', content: 'And 14?' },
  ])
})

it('a link that unpacks to more than any conversation is refused', async () => {
  const packed = new Blob([new Uint8Array(20_000_000)])
    .stream()
    .pipeThrough(new CompressionStream('deflate-raw'))
  const bytes = Buffer.from(await new Response(packed).arrayBuffer())
  expect(bytes.length).toBeLessThan(100_000)
  await expect(fromFragment(bytes.toString('base64url'))).rejects.toThrow('too long')
})
