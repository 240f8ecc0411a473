/** The `data:` payloads of a server-sent event stream (WHATWG HTML §9.2); event names, ids and comments are passed over. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pending = ''
  let data: string[] = []
  for await (const bytes of body) {
    pending += decoder.decode(bytes, { stream: true })
    // A carriage return at the very end may be half of a CRLF: it waits for the next bytes.
    const lines = pending.split(/\r\n|\n|\r(?!$)/)
    pending = lines.pop()!
    for (const line of lines) {
      if (line === '' && data.length > 0) {
        yield data.join('\n')
        data = []
      } else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
    }
  }
  // Some servers close without the last blank line; a payload cut in the middle fails as JSON.
  const last = pending.trimEnd()
  if (last.startsWith('data:')) data.push(last.slice(last[5] === ' ' ? 6 : 5))
  if (data.length > 0) yield data.join('\n')
}
