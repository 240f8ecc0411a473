/**
 * The chat template of pocket models that have learned R1's form: `User: …. Assistant:`, the head of most documents that
 * their base has read, without R1-Zero's introduction. A system message stands where the introduction would; past
 * answers keep their summary alone, as in R1's released template. The full stop at the end is the template's, as in Table 1.
 */
export const POCKET_CHAT_TEMPLATE = `{%- for message in messages %}
{%- set text = message.content | trim %}
{%- if message.role == 'system' %}{{ text + ' ' }}
{%- elif message.role == 'user' %}
{%- if text and text[-1] in '.。?？' %}{% set text = text[:-1] %}{% endif %}{{ 'User: ' + text + '.' }}
{%- elif message.role == 'assistant' %}{{ ' Assistant: ' + text.split('</think>')[-1].strip() + eos_token }}
{%- else %}{{ raise_exception('no place for the role ' + message.role) }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ ' Assistant:' }}{% endif %}`
