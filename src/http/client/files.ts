import { TerminalError } from '../../errors.ts'
import type { FileSource, FilesClient } from '../../file/room/client.ts'
import type { OpenedFile, StoredFile } from '../../file/room/port.ts'
import { type Asking, queryOf } from './request.ts'

/** The methods of `client.files` that send and read bytes. `get` asks for the record of a file. */
export function fileMethods(
  { sendBytes, stream, bytes }: Pick<Asking, 'sendBytes' | 'stream' | 'bytes'>,
  get: FilesClient['get'],
): Pick<FilesClient, 'add' | 'open' | 'read' | 'thumbnail'> {
  const open: FilesClient['open'] = async (id, { start = 0, end, owner, signal } = {}) => {
    const { file, type, name, bytes } = await get(id, owner === undefined ? {} : { owner })
    const range = { start: Math.min(start, bytes), end: Math.min(end ?? bytes, bytes) }
    const path = `/files/${encodeURIComponent(file)}${queryOf({ owner })}`
    return { file, type, name, bytes, ...range, content: () => stream(path, range, signal) }
  }
  return {
    add: async (content, { name = nameOf(content), owner, signal } = {}) =>
      (await sendBytes(`/files${queryOf({ name, owner })}`, content, signal)) as StoredFile,
    open,
    async thumbnail(id, { owner } = {}) {
      const data = await bytes(`/files/${encodeURIComponent(id)}/thumbnail${queryOf({ owner })}`)
      return { type: data[0] === JPEG ? 'image/jpeg' : 'image/png', data }
    },
    async read(id, { max, ...options }) {
      const opened = await open(id, options)
      if (opened.bytes <= max) return whole(opened)
      throw new TerminalError(`${opened.name} has ${opened.bytes} bytes, and at most ${max} are read.`, {
        code: 'file_too_large',
      })
    },
  }
}

/** The first byte of a JPEG. */
const JPEG = 0xff

const nameOf = (content: FileSource) =>
  content instanceof Blob && 'name' in content ? String(content.name) : undefined

async function whole({ bytes, content }: OpenedFile): Promise<Uint8Array> {
  const found = new Uint8Array(bytes)
  let at = 0
  for await (const piece of content()) {
    found.set(piece, at)
    at += piece.byteLength
  }
  return found
}
