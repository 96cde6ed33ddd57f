/** What stands where a secret stood. */
export const REDACTED = '[redacted]'

/** A function that takes these texts, of six characters at least, out of another one, the longest first. As quick with many of them as with few. */
export function createRedactor(forms: readonly string[]): (text: string) => string {
  const byHead = Map.groupBy(
    [...forms].sort((a, b) => b.length - a.length),
    headOf,
  )
  if (byHead.size === 0) return (text) => text
  const begins = beginningsOf(byHead.keys())
  const formAt = (text: string, at: number) =>
    byHead.get(text.slice(at, at + HASHED_PREFIX))?.find((form) => text.startsWith(form, at))
  return (text) => {
    let safe = ''
    let done = 0
    for (let at = 0, seen = 0; at < text.length; at++) {
      seen = next(seen, text.charCodeAt(at))
      const start = at - WINDOW + 1
      if (begins[seen] === 0 || start < done) continue
      const form = formAt(text, start)
      if (form === undefined) continue
      safe += text.slice(done, start) + REDACTED
      done = start + form.length
      at = done - 1
    }
    return done === 0 ? text : safe + text.slice(done)
  }
}

const HASHED_PREFIX = 6
const headOf = (form: string) => form.slice(0, HASHED_PREFIX)

/** Of how many characters `seen` tells: earlier ones are shifted out. */
const WINDOW = 4
const next = (seen: number, char: number) => ((seen << 5) ^ char) & 0xffff

/** By what was seen of the last characters, whether something may begin with them. */
function beginningsOf(heads: Iterable<string>): Uint8Array {
  const begins = new Uint8Array(0x10000)
  for (const head of heads) {
    let seen = 0
    for (let at = 0; at < WINDOW; at++) seen = next(seen, head.charCodeAt(at))
    begins[seen] = 1
  }
  return begins
}
