import { describe, expect, it } from 'vitest'
import { CheckpointError, DataError } from '../errors.ts'
import { type ChatMessage, compileChatTemplate, R1_CHAT_TEMPLATE } from './chat-template.ts'

const BOS = '<｜begin▁of▁sentence｜>'
const EOS = '<｜end▁of▁sentence｜>'
const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content })

const renderR1Chat = compileChatTemplate({ chat_template: R1_CHAT_TEMPLATE, bos_token: BOS })

describe("R1's template", () => {
  it.each<[string, ChatMessage[], boolean, string]>([
    ['one question', [user('1+1?')], true, `${BOS}<｜User｜>1+1?<｜Assistant｜><think>\n`],
    ['without a generation prompt', [user('1+1?')], false, `${BOS}<｜User｜>1+1?`],
    [
      'system prompt first, without role words',
      [{ role: 'system', content: 'Be brief.' }, user('Hi')],
      true,
      `${BOS}Be brief.<｜User｜>Hi<｜Assistant｜><think>\n`,
    ],
    [
      'past thinking is dropped, white space kept',
      [user('a'), assistant('<think>\nhm\n</think>\n\n2'), user('b')],
      true,
      `${BOS}<｜User｜>a<｜Assistant｜>\n\n2${EOS}<｜User｜>b<｜Assistant｜><think>\n`,
    ],
    [
      'everything to the last closing tag is thinking',
      [user('a'), assistant('x</think>y</think>z')],
      false,
      `${BOS}<｜User｜>a<｜Assistant｜>z${EOS}`,
    ],
    ['spaces and newlines of the content stay', [user(' a \n')], false, `${BOS}<｜User｜> a \n`],
  ])('%s', (_, messages, addGenerationPrompt, expected) => {
    expect(renderR1Chat(messages, { addGenerationPrompt })).toBe(expected)
  })

  it('renders tool calls and their results', () => {
    const call = (name: string) => ({ type: 'function', function: { name, arguments: '{"x":1}' } })
    const asked: ChatMessage[] = [
      user('a'),
      { role: 'assistant', content: null, tool_calls: [call('f'), call('g')] },
      { role: 'tool', content: '2' },
      { role: 'tool', content: '3' },
    ]
    const block = (name: string) =>
      `<｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n{"x":1}\n\`\`\`<｜tool▁call▁end｜>`
    const text =
      `${BOS}<｜User｜>a<｜Assistant｜><｜tool▁calls▁begin｜>${block('f')}\n${block('g')}<｜tool▁calls▁end｜>${EOS}` +
      '<｜tool▁outputs▁begin｜><｜tool▁output▁begin｜>2<｜tool▁output▁end｜>\n' +
      '<｜tool▁output▁begin｜>3<｜tool▁output▁end｜><｜tool▁outputs▁end｜>'
    expect(renderR1Chat(asked, { addGenerationPrompt: true })).toBe(text)
    expect(renderR1Chat([...asked, assistant('5')])).toBe(`${text}5${EOS}`)
  })

  it('names a role it does not know', () => {
    expect(() => renderR1Chat([{ role: 'critic', content: 'x' }])).toThrow(/no place for the role critic/)
  })
})

describe('compileChatTemplate', () => {
  it('passes special tokens in both spellings, tools and further variables', () => {
    const render = compileChatTemplate({
      chat_template:
        '{{ bos_token }}|{{ eos_token }}|{{ tools | length }}|{{ style }}|{{ messages[0].content }}',
      bos_token: '<s>',
      eos_token: { content: '</s>' },
    })
    expect(render([user('q')], { tools: [{}, {}], variables: { style: 'short' } })).toBe('<s>|</s>|2|short|q')
  })

  it('trims blocks as Hugging Face does', () => {
    const render = compileChatTemplate({
      chat_template: '{% for m in messages %}\n  {% if true %}\n{{ m.content }}\n  {% endif %}\n{% endfor %}',
    })
    expect(render([user('a'), user('b')])).toBe('a\nb\n')
  })

  it('takes the template named default', () => {
    const chat_template = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ]
    expect(compileChatTemplate({ chat_template })([])).toBe('plain')
  })

  it.each([
    ['none', {}],
    ['null', { chat_template: null }],
    [
      'several, none of them default',
      {
        chat_template: [
          { name: 'a', template: '' },
          { name: 'b', template: '' },
        ],
      },
    ],
  ])('refuses a checkpoint without a template: %s', (_, config) => {
    expect(() => compileChatTemplate(config, 'models/x/tokenizer_config.json')).toThrow(CheckpointError)
    expect(() => compileChatTemplate(config, 'models/x/tokenizer_config.json')).toThrow(
      /^models\/x\/tokenizer_config\.json: no chat template\..*R1-Zero template/,
    )
  })

  it('has tools and documents as none where there are none', () => {
    const render = compileChatTemplate({
      chat_template:
        '{{ tools }} {{ documents }} {{ tools is none }} {% if tools %}some{% else %}no{% endif %}',
    })
    expect(render([])).toBe('None None True no')
  })

  it('blames the template, not the messages, for work without an end', () => {
    const round = (body: string) => `{% for a in range(99999) %}${body}{% endfor %}`
    const render = compileChatTemplate({ chat_template: round(round(round(''))) })
    expect(() => render([user('a')])).toThrow(CheckpointError)
    expect(() => render([user('a')])).toThrow(/chat_template: the template takes more than \d+ steps/)
  })

  it('says where a template is broken', () => {
    expect(() => compileChatTemplate({ chat_template: '{% if %}' })).toThrow(CheckpointError)
    expect(() => compileChatTemplate({ chat_template: ' '.repeat(1_000_000) })).toThrow(/1000000 characters/)
  })

  it('runs a published template, its refusals included', () => {
    const render = compileChatTemplate({ chat_template: ALTERNATING })
    expect(render([user('1,2,3')])).toBe('1,2,3')
    expect(() => render([{ role: 'system', content: 'x' }, user('1')])).toThrow(DataError)
    expect(() => render([user('1'), user('2')])).toThrow(/roles: user, user.*must alternate/)
  })
})

/** Of verl's digit completion task (volcengine/verl, Apache-2.0). */
const ALTERNATING = `{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% set role = message['role'] %}{{ message['content'] }}{% endfor %}{% if add_generation_prompt %}{{ sep_token }}{% endif %}`
