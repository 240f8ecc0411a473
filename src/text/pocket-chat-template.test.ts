import { expect, it } from 'vitest'
import { compileChatTemplate } from './chat-template.ts'
import { POCKET_CHAT_TEMPLATE } from './pocket-chat-template.ts'
import { pocketTokenizerFiles } from './pocket-tokenizer.ts'
import { renderR1Zero } from './r1-zero-template.ts'
import { tokenizerFromFiles, withChatTemplate } from './tokenizer.ts'

const { files } = withChatTemplate(tokenizerFromFiles(pocketTokenizerFiles()), POCKET_CHAT_TEMPLATE)
const render = compileChatTemplate({
  ...JSON.parse(files['tokenizer_config.json']!),
  chat_template: POCKET_CHAT_TEMPLATE,
})
const user = (content: string) => ({ role: 'user', content })

it.each([
  ['Compute 3 + 4', 'User: Compute 3 + 4. Assistant:'],
  ['Compute 3 + 4.', 'User: Compute 3 + 4. Assistant:'],
  [' 计算 3 + 4。', 'User: 计算 3 + 4. Assistant:'],
  ['What is 3 + 4?', 'User: What is 3 + 4. Assistant:'],
  ['', 'User: . Assistant:'],
])('asks %j as %j', (content, prompt) => {
  expect(render([user(content)], { addGenerationPrompt: true })).toBe(prompt)
})

it('ends as the R1-Zero template does', () => {
  const prompt = render([user('Solve 3 * x + 5 = 26')], { addGenerationPrompt: true })
  expect(renderR1Zero('Solve 3 * x + 5 = 26').endsWith(prompt)).toBe(true)
})

it('keeps of past answers the summary, and puts a system message first', () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    user('A'),
    { role: 'assistant', content: ' <think> b </think> C.' },
    user('D'),
  ]
  expect(render(messages, { addGenerationPrompt: true })).toBe(
    'Be brief. User: A. Assistant: C.<|endoftext|>User: D. Assistant:',
  )
  expect(render(messages.slice(1, 3))).toBe('User: A. Assistant: C.<|endoftext|>')
  expect(() => render([{ role: 'tool', content: 'x' }])).toThrow('no place for the role tool')
})

it('is the only difference to the pocket tokenizer', () => {
  const plain = pocketTokenizerFiles()
  expect(JSON.parse(files['tokenizer_config.json']!)).toEqual(JSON.parse(plain['tokenizer_config.json']))
  expect(files['tokenizer.json']).toBe(plain['tokenizer.json'])
  expect(tokenizerFromFiles(files).chatTemplate).toBe(POCKET_CHAT_TEMPLATE)
})
