/** Of shorter ones the mark would be all over the text. */
export const SHORTEST_SECRET = 6
const SHORTEST_LINE = 16

/** What a secret looks like where it is told: as it is, its lines, and as JSON, URLs, base64 and hexadecimal digits have it. */
export function formsOf(secret: string): readonly string[] {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).filter(isTelling) : []
  const forms = [secret, ...lines].flatMap((text) => [text, ...written(text), ...encoded(Buffer.from(text))])
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST_SECRET)
}

/** Of a key in several lines each tells something, but those that only say what it is. */
const isTelling = (line: string) => line.length >= SHORTEST_LINE && !line.startsWith('-----')

function written(text: string): readonly string[] {
  const escaped = encodeURIComponent(text.toWellFormed())
  const form = escaped.replaceAll('%20', '+').replaceAll(/[!'()~]/g, (char) => `%${hexOf(char)}`)
  const lower = (url: string) => url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  return [JSON.stringify(text).slice(1, -1), escaped, form, lower(escaped), lower(form)]
}

const hexOf = (char: string) => char.charCodeAt(0).toString(16).toUpperCase()

function encoded(bytes: Buffer): readonly string[] {
  const base64 = [0, 1, 2].map((before) => within(bytes, before))
  const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const hex = bytes.toString('hex')
  return [...base64, ...url, hex, hex.toUpperCase()]
}

/** What base64 makes of it behind so many bytes (of three), whatever stands around it: the characters that are its own alone. */
function within(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}
