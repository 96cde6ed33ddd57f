/**
 * Files that a model makes besides its text, such as pictures. They come with the reply and are stored once, for the
 * owner of the work. An address is never fetched: a model could name any.
 */

import type { LanguageModelV4Content } from '@ai-sdk/provider'
import { problemOf, TerminalError } from '../../errors.ts'
import { isDataUrl, readBase64, readDataUrl } from '../../lib/media/data-url.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { mediaTypeOfBytes } from '../../lib/media/media-type.ts'
import type { GenerateOptions } from '../request/request.ts'

/** A file in a reply: its bytes, or why there are none. */
export type MadeFile = { readonly data: Uint8Array } | { readonly lost: string }

/** Files of one reply that are kept. */
const MAX_FILES = 20

/** The files in a reply: parts of its content, and pictures of the chat protocol by their addresses. Pure. */
export function madeFiles(content: readonly LanguageModelV4Content[], pictures: readonly string[]): MadeFile[] {
  const parts = content.flatMap((part): MadeFile[] => {
    if (part.type !== 'file') return []
    if (part.data.type === 'url') return [ofUrl(String(part.data.url))]
    const { data } = part.data
    return data.length === 0 ? [] : [ofBytes(typeof data === 'string' ? readBase64(data) : data)]
  })
  return [...parts, ...pictures.map(ofUrl)]
}

function ofUrl(url: string): MadeFile {
  if (!isDataUrl(url)) return { lost: 'It came as an address, and addresses are not fetched.' }
  return ofBytes(readDataUrl(url)?.data)
}

const ofBytes = (data: Uint8Array | undefined): MadeFile =>
  data && data.length > 0 ? { data } : { lost: 'It has no bytes that can be read.' }

/** The files of a reply once they are stored, and a sentence for each one that is not. The content decides the type. */
export async function keepFiles(
  made: readonly MadeFile[],
  { keepFile, signal }: Pick<GenerateOptions, 'keepFile' | 'signal'>,
): Promise<{ readonly files: readonly FileRef[]; readonly lacks: readonly string[] }> {
  const files = new Map<string, FileRef>()
  const lacks = new Set<string>()
  for (const [at, file] of made.entries())
    try {
      if ('lost' in file) throw new TerminalError(file.lost)
      if (at >= MAX_FILES) throw new TerminalError(`A reply has at most ${MAX_FILES} files.`)
      const type = await mediaTypeOfBytes(file.data)
      if (type === undefined)
        throw new TerminalError('Expected a picture, a recording, a film or a PDF, got other content.')
      if (!keepFile) throw new TerminalError('There is no place for files here.')
      const stored = await keepFile(file.data, nameOf(type))
      files.set(stored.file, stored)
    } catch (error) {
      // the reply is paid, also without its file, so nobody asks again
      if (signal.aborted) throw error
      lacks.add(`The model made a file that is not kept. ${problemOf(error).message}`)
    }
  return { files: [...files.values()], lacks: [...lacks] }
}

const NAMES: { readonly [kind: string]: string } = { image: 'picture', audio: 'recording', video: 'film' }

function nameOf(type: string): string {
  const [kind = '', subtype] = type.split('/')
  return `${NAMES[kind] ?? 'document'}.${subtype}`
}
