import { open } from 'node:fs/promises'
import { TerminalError } from '../errors.ts'

/** Bytes of one file that a question may be answered from. */
const MOST = 4 * 1024 * 1024

/** A file's text. TerminalError for one that is too large or no text. Whoever names the path answers for it. */
export async function readText(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size > MOST) throw new TerminalError(`${path} is larger than ${MOST / 1024 / 1024} MiB`, { code: 'too_large' })
    const text = await file.readFile({ encoding: 'utf8', signal })
    if (text.includes('\0')) throw new TerminalError(`${path} is not a text file`, { code: 'invalid_input' })
    return text
  } finally {
    await file.close()
  }
}
