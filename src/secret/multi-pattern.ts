/** The replacement for a redacted secret. */
const REDACTED = '[redacted]'

/**
 * Creates a function that removes these texts (at least six characters each) from another text,
 * longest first. Its speed does not depend on their number.
 */
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

/** Number of last characters that `seen` covers; older ones are shifted out. */
const WINDOW = 4
const next = (seen: number, char: number) => ((seen << 5) ^ char) & 0xffff

/** Whether a text may start at the last characters, by their hash. */
function beginningsOf(heads: Iterable<string>): Uint8Array {
  const begins = new Uint8Array(0x10000)
  for (const head of heads) {
    let seen = 0
    for (let at = 0; at < WINDOW; at++) seen = next(seen, head.charCodeAt(at))
    begins[seen] = 1
  }
  return begins
}
