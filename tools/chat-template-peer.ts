/**
 * Compares r1's chat templates with what `chat_template_golden.py FOLDER OUT` rendered:
 *
 *     node --import tsx tools/chat-template-peer.ts OUT
 */
import { readFileSync } from 'node:fs'
import { renderTemplate } from '../src/text/jinja/render.ts'
import { parseTemplate } from '../src/text/jinja/syntax.ts'

const { families, conversations } = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
let cases = 0
let different = 0
for (const { name, template, cases: wanted } of families)
  for (const [conversation, { expected }] of Object.entries<{ expected?: string }>(wanted)) {
    cases++
    let text: string | undefined
    let reason = ''
    try {
      text = renderTemplate(parseTemplate(template), conversations[conversation])
    } catch (error) {
      reason = (error as Error).message
    }
    if (text === expected) continue
    different++
    console.log(`${name}, ${conversation}: ${reason || `${text?.length} characters for ${expected?.length}`}`)
  }
console.log(`${families.length} templates, ${cases} texts, ${different} of them different`)
