/** The replacement for a redacted secret. */
const REDACTED = '[redacted]'

/** Removes texts from another text, which may come in pieces. */
export interface Redactor {
  /** `cut` receives the name of each text that was removed. */
  whole(text: string, cut?: (name: string) => void): string
  /** Begins a text that comes in pieces. */
  stream(): RedactedStream
}

/** A text that comes in pieces, and is shown as it comes. */
export interface RedactedStream {
  /** Takes a piece, and gives the text that can be shown now. The beginning of a text to remove waits for more. */
  push(piece: string): string
  /** Gives the rest, when no more pieces come. */
  end(): string
}

/** A redactor of named texts (six characters at least), the longest first. Their number does not slow it. */
export function createRedactor(names: ReadonlyMap<string, string>): Redactor {
  const forms = [...names.keys()].sort((a, b) => b.length - a.length)
  const byHead = Map.groupBy(forms, (form) => form.slice(0, HASHED_PREFIX))
  if (byHead.size === 0) return { whole: (text) => text, stream: () => ({ push: (piece) => piece, end: () => '' }) }
  const begins = beginningsOf(byHead.keys())
  const formAt = (text: string, at: number) =>
    byHead.get(text.slice(at, at + HASHED_PREFIX))?.find((form) => text.startsWith(form, at))

  /** The text without its secrets up to `end`, and where the next search begins. */
  function scan(
    text: string,
    end: number,
    cut?: (name: string) => void,
  ): { readonly safe: string; readonly done: number } {
    let safe = ''
    let done = 0
    for (let at = 0, seen = 0; at < text.length; at++) {
      seen = next(seen, text.charCodeAt(at))
      const start = at - WINDOW + 1
      if (start >= end) break
      if (begins[seen] === 0 || start < done) continue
      const form = formAt(text, start)
      if (form === undefined) continue
      cut?.(names.get(form)!)
      safe += text.slice(done, start) + REDACTED
      done = start + form.length
      at = done - 1
    }
    return done >= end ? { safe, done } : { safe: safe + text.slice(done, end), done: end }
  }

  let starts: ReadonlySet<string> | undefined
  const longest = forms[0]!.length

  /** Where the first text begins that may be the beginning of one to remove. */
  function heldFrom(text: string): number {
    starts ??= new Set([...byHead.keys()].flatMap(beginningsOfHead))
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      const tail = text.length - at
      const isStart =
        tail < HASHED_PREFIX
          ? starts.has(text.slice(at))
          : byHead
              .get(text.slice(at, at + HASHED_PREFIX))
              ?.some((form) => form.length > tail && form.startsWith(text.slice(at)))
      if (isStart) return at
    }
    return text.length
  }

  return {
    whole: (text, cut) => scan(text, text.length, cut).safe,
    stream() {
      let held = ''
      return {
        push(piece) {
          const text = held + piece
          const { safe, done } = scan(text, heldFrom(text))
          held = text.slice(done)
          return safe
        },
        end: () => scan(held, held.length).safe,
      }
    },
  }
}

const HASHED_PREFIX = 6
/** The texts that a head begins with, without the whole one. */
const beginningsOfHead = (head: string) => Array.from({ length: HASHED_PREFIX }, (_, size) => head.slice(0, size))
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
