import { TerminalError } from '../../errors.ts'
import { type Page, pageOf } from '../../house/common-fields.ts'
import { scopeMissing } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import { formatSize } from '../../lib/text/format-size.ts'
import { cursorOfFile } from './open-port.ts'
import type { FileBytes, FilesPort, FilesQuery, NewFile, OpenedFile, StoredFile, Thumbnail } from './port.ts'

/** Staff and an admin name another owner. */
type OfOwner = { readonly owner?: string }

/** Files as a caller of the server may use them: its own, or those of an owner whom it sees. */
export interface FilesView {
  add(content: FileBytes, options: Pick<NewFile, 'name' | 'owner' | 'signal'>): Promise<StoredFile>
  list(query: FilesQuery & { readonly limit: number }): Promise<Page<StoredFile>>
  get(file: string, of?: OfOwner): Promise<StoredFile>
  open(file: string, range: OfOwner & { readonly start: number; readonly end: number }): Promise<OpenedFile>
  thumbnail(file: string, of?: OfOwner): Promise<Thumbnail>
  remove(file: string, of?: OfOwner): Promise<void>
}

/** The most bytes that a visitor of a handler uploads at once. */
const MAX_VISITOR_BYTES = 20 * 1024 * 1024

/** The files of the caller, or of an owner that the caller sees. The files of others look like missing ones. */
export function viewFiles(
  files: FilesPort,
  { caller, seen, findThread, nameOfThread }: Pick<Viewer, 'caller' | 'seen' | 'findThread' | 'nameOfThread'>,
): FilesView {
  function ownerIn({ owner = caller.owner }: OfOwner): string {
    if (owner !== caller.owner && seen !== 'all' && !seen.includes(owner)) throw scopeMissing('admin')
    return owner
  }

  const shown = (document: StoredFile, owner: string): StoredFile => ({
    ...document,
    uses: document.uses.map((use) =>
      use.startsWith(THREAD) ? THREAD + nameOfThread(use.slice(THREAD.length), owner) : use,
    ),
  })

  async function keyOf(use: string): Promise<string> {
    return use.startsWith(THREAD) ? THREAD + (await findThread(use.slice(THREAD.length))).key : use
  }

  return {
    async add(content, options) {
      const owner = ownerIn(options)
      const within = caller.visitor ? upTo(content, MAX_VISITOR_BYTES) : content
      return shown(await files.add(within, { ...options, owner }), owner)
    },
    async list({ use, ...query }) {
      const owner = ownerIn(query)
      const listed = await files.list({ ...query, owner, ...(use !== undefined && { use: await keyOf(use) }) })
      return pageOf(
        listed.map((document) => shown(document, owner)),
        query.limit,
        cursorOfFile,
      )
    },
    async get(file, of = {}) {
      const owner = ownerIn(of)
      return shown(await files.get(file, { owner }), owner)
    },
    open: async (file, { start, end, ...of }) => files.open(file, { owner: ownerIn(of), start, end }),
    thumbnail: async (file, of = {}) => files.thumbnail(file, { owner: ownerIn(of) }),
    remove: async (file, of = {}) => files.remove(file, { owner: ownerIn(of) }),
  }
}

const THREAD = 'thread/'

async function* upTo(content: FileBytes, most: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    bytes += piece.byteLength
    if (bytes > most)
      throw new TerminalError(`Expected a file of at most ${formatSize(most)} from a visitor, got more.`, {
        code: 'file_too_large',
      })
    yield piece
  }
}
