import { InvalidError, TerminalError } from '../../errors.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import type { FileBytes } from './port.ts'

/** Bytes at the beginning of a file, by which its type is found. */
const HEAD = 1024 * 1024

/** Content that is passed on, and its first bytes. */
type MeasuredContent = { readonly pieces: AsyncIterable<Uint8Array>; head(): Uint8Array }

/** Passes content on, up to `max` bytes, until the signal. Keeps its beginning. */
export function measureContent(content: FileBytes, max: number, signal?: AbortSignal): MeasuredContent {
  const first: Uint8Array[] = []
  let bytes = 0
  async function* pieces() {
    for await (const piece of content instanceof Uint8Array ? [content] : content) {
      signal?.throwIfAborted()
      if (bytes < HEAD) first.push(piece.slice(0, HEAD - bytes))
      bytes += piece.length
      if (bytes > max) throw tooLarge(max)
      yield piece
    }
  }
  return { pieces: pieces(), head: () => Buffer.concat(first) }
}

export const tooLarge = (max: number): TerminalError =>
  new TerminalError(`Expected a file of at most ${formatSize(max)}, got more.`, { code: 'file_too_large' })

export function wrongName(name: string, type: string, said: string): InvalidError {
  const hint = 'Give it a name that ends as its content says, or none.'
  return new InvalidError(`${name} has the content of ${type}, but its name says ${said}.`, {
    code: 'file_type',
    hint,
    place: { path: 'name' },
  })
}
