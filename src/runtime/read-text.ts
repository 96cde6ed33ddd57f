import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { InvalidError, TerminalError } from '../errors.ts'
import { isTextType, mediaTypeOfBytes, mediaTypeOfName } from '../model/media.ts'

/** Bytes of one file that a question may be answered from. */
const MOST = 4 * 1024 * 1024

/** A file's text. TerminalError for one that is too large or no text. Whoever names the path answers for it. */
export async function readText(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size > MOST) throw new TerminalError(`${path} is larger than ${MOST / 1024 / 1024} MiB`, { code: 'too_large' })
    return textOf(path, await file.readFile({ signal }))
  } finally {
    await file.close()
  }
}

/** Refuses files for a question of which none is a text, as their names say: nothing of them would be read. */
export function checkTexts(paths: readonly string[]): void {
  const types = paths.map(mediaTypeOfName)
  if (paths.length === 0 || types.some((type) => type === undefined || isTextType(type))) return
  throw new InvalidError(`${basename(paths[0]!)} is ${types[0]}, and a question is answered from texts`, {
    code: 'not_supported',
    hint: `${INSTEAD}: { action: generate_text, parameters: { prompt: …, files: ${basename(paths[0]!)} } }.`,
  })
}

const INSTEAD = 'Give it to a step of a pipeline'

function textOf(path: string, bytes: Buffer): string {
  const type = mediaTypeOfBytes(bytes)
  if (type === undefined && !bytes.includes(0)) return bytes.toString('utf8')
  const what = type === undefined ? 'not a text file' : `${type}, and a question is answered from texts`
  throw new TerminalError(`${path} is ${what}`, { code: 'invalid_input', ...(type !== undefined && { hint: INSTEAD }) })
}
