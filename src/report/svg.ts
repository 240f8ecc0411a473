/** What the charts share: colours, text, numbers, and the card that they are drawn on. */
export const INK = { title: '#111827', text: '#4b5563', axis: '#9ca3af', grid: '#e5e7eb', card: '#ffffff' }
const FONT = `-apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif`

/** A document of this size, labelled for readers that see no pictures; its first parts are drawn first. */
export function svgDocument(width: number, height: number, label: string, parts: readonly string[]): string {
  const drawn = parts.filter((part) => part !== '')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(label)}" font-family="${FONT}">`,
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

/** What charts lie on. */
export const card = (width: number, height: number): string =>
  `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${INK.card}" stroke="${INK.grid}"/>`

/** Text safe inside XML elements and attributes; characters XML does not allow are left out. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones XML forbids
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
  )
}

interface TextStyle {
  size?: number
  weight?: number
  fill?: string
  anchor?: 'start' | 'middle' | 'end'
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, weight = 400, fill = INK.text, anchor = 'start' } = style
  return `<text x="${n(x)}" y="${n(y)}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

/** Coordinates to a hundredth of a pixel. */
export function n(value: number): string {
  return String(Number(value.toFixed(2)))
}
