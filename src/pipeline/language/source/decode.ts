import { InvalidError } from '../../../errors.ts'

/** The text of a pipeline's file: UTF-8, or UTF-16 where its first bytes say so. InvalidError file_unreadable, with the place, where it is neither. */
export function decodePipeline(bytes: Uint8Array, name: string): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw unreadable(new TextDecoder().decode(bytes), name)
  }
}

/** What is no letter was made a mark, so the first mark tells the place. */
function unreadable(marked: string, name: string): InvalidError {
  const lines = marked.slice(0, Math.max(marked.indexOf('\ufffd'), 0)).split('\n')
  const place = { line: lines.length, column: lines.at(-1)!.length + 1 }
  const message = `${name} is no text in UTF-8: a letter of line ${place.line} cannot be read`
  return new InvalidError(message, { code: 'file_unreadable', place, hint: 'save it as UTF-8' })
}
