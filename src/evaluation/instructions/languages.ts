/** Which language a response is in, for IFEval's 30 languages. `eld` does not know Nepali and Swahili: script and function words tell those. */

const SWAHILI = /(?<!\p{L})(?:na|ya|wa|kwa|ni|katika|la|za|kuwa|hii|cha|vya|hiyo|kama|au|lakini)(?!\p{L})/giu

/** A text in which no language can be told counts as being in the language asked for, as published. */
export async function isLanguage(response: string, language: string): Promise<boolean> {
  if (!/\p{L}/u.test(response)) return true
  const { eld } = await import('eld/medium')
  const detected = eld.detect(response.toLowerCase()).language
  if (language === 'ne') return detected === 'hi' || detected === 'mr'
  if (language === 'sw') {
    const words = response.match(/\p{L}+/gu)?.length ?? 0
    return (response.match(SWAHILI)?.length ?? 0) / words >= 0.12
  }
  return detected === '' || detected === language
}
