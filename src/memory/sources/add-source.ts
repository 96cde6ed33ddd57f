import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { InvalidError, is, NotFoundError, TerminalError } from '../../errors.ts'
import { leftOutNote } from '../../source/folder/left-out.ts'
import { walkFolder } from '../../source/folder/walk.ts'
import type { Web } from '../../web/request.ts'
import type { Cause } from '../memory.ts'
import type { CountedSource, SourceQuery } from '../store/documents/source-rows.ts'
import type { DocumentChanges, DocumentsStored } from '../store/documents/store-documents.ts'
import { type ReadSource, readBytesSource, readFileSource, type SourcePlace } from './read-source.ts'
import { findRenames } from './renames.ts'
import { EMPTY_REPORT } from './reports.ts'
import type { AddedSources, AddSourceOptions, SourceRequest } from './sources.ts'

/** The machine and the file of memory, for the documents of one owner. */
export type SourceServices = {
  readonly now: () => number
  /** other nodes have files of their own under the same paths, so a search looks at none */
  readonly isShared?: boolean
  known(query: SourceQuery): Promise<readonly CountedSource[]>
  store(changes: DocumentChanges): Promise<DocumentsStored>
  web(): Promise<Web>
  /**
   * The real path of a file or folder, and which paths below may be read. Error `outside_root` if it is closed to a
   * caller who is not trusted.
   */
  openPath(path: string, trusted: boolean): Promise<{ readonly real: string; mayRead(real: string): boolean }>
}

/** After this time, a portion of a folder ends. */
const PORTION_MS = 1_000
const FILES_AT_ONCE = 8
const MAX_PASSAGES_AT_ONCE = 5_000
/** Maximum notes and skipped files of one report. */
const MAX_NOTES = 1_000

/** Adds a document, or a portion of a folder. The report says where the next portion begins. */
export async function addSource(
  services: SourceServices,
  request: SourceRequest,
  options: AddSourceOptions,
): Promise<AddedSources> {
  if (request.path !== undefined) return addPath(services, request.path, request, options)
  const ref = request.name ?? urlOf(request.url!)
  const [known] = await services.known({ refs: [ref] })
  const type = request.name === undefined ? ('web' as const) : ('upload' as const)
  const place = placeOf({ ref, type, named: 1, trusted: 0 }, known, request)
  const sent = request.name === undefined ? await download(services, ref, options) : sentBytes(request)
  const writing = openWriting(services, request, ref)
  const name = basename(request.name ?? new URL(ref).pathname)
  writing.take(ref, known, await readBytesSource(place, known, { ...sent, name, ...signalIn(options) }))
  return writing.end([])
}

async function addPath(
  services: SourceServices,
  path: string,
  request: SourceRequest,
  options: AddSourceOptions,
): Promise<AddedSources> {
  const { trusted = true, signal } = options
  const { real, mayRead } = await services.openPath(path, trusted)
  const found = await stat(real).catch((error: NodeJS.ErrnoException) => {
    throw new NotFoundError(`There is no file or folder ${path}.`, { cause: error })
  })
  if (!found.isDirectory() && !found.isFile()) throw new InvalidError(`Expected a file or a folder, got ${path}.`)
  const isFolder = found.isDirectory()
  const walk = isFolder
    ? await walkFolder(real, { mayRead, ...(signal && { signal }) })
    : { files: [{ path: real, name: '' }], leftOut: {}, skipped: [], bounds: [] }
  const known = new Map((await services.known({ below: real })).map((row) => [row.ref, row]))
  const { after } = request
  const files = after === undefined ? walk.files : walk.files.filter(({ name }) => isBehind(name, after))
  const writing = openWriting(services, request, real)
  for (const { from, to } of await takeRenames(services, real, { isFolder, known, files, signal }))
    writing.note(`${from} is now ${to}`)
  const isOver = portionEnd(signal)
  let done = 0
  while (done < files.length && !(done > 0 && isOver())) {
    const portion = files.slice(done, done + FILES_AT_ONCE)
    const read = await Promise.all(
      portion.map(({ path: ref }) => {
        const before = known.get(ref)
        const from = {
          ref,
          type: 'file',
          named: isFolder ? (before?.named ?? 0) : 1,
          trusted: trusted ? 1 : 0,
        } as const
        return readFileSource(placeOf(from, before, request), before, signal)
      }),
    )
    for (const [place, outcome] of read.entries())
      writing.take(portion[place]!.path, known.get(portion[place]!.path), outcome)
    if (writing.passages() > MAX_PASSAGES_AT_ONCE) await writing.flush([])
    done += portion.length
  }
  const left = files.length - done
  if (left > 0) return { ...(await writing.end([])), left, after: files[done - 1]!.name }
  const seen = new Set(walk.files.map(({ path: ref }) => ref))
  const isUnseen = walk.skipped.map(({ name }) => `${real}/${name}/`)
  const absent = [...known.values()].filter(
    ({ ref, type }) => type === 'file' && !seen.has(ref) && !isUnseen.some((folder) => ref.startsWith(folder)),
  )
  for (const { name, reason } of walk.skipped) writing.skip(`${real}/${name}`, reason)
  writing.note(...walk.bounds, ...leftOutNote(walk, true))
  return writing.end(walk.bounds.length > 0 ? [] : await goneOf(absent))
}

type AddedFiles = {
  readonly isFolder: boolean
  readonly known: Map<string, CountedSource>
  readonly files: readonly { readonly path: string }[]
  readonly signal: AbortSignal | undefined
}

/** Documents whose files have new names among those that are added take these names, and keep their records. */
async function takeRenames(
  { known: find, store }: SourceServices,
  root: string,
  { isFolder, known, files, signal }: AddedFiles,
) {
  const given = new Set(files.map(({ path }) => path))
  const fresh = [...given].filter((path) => !known.has(path))
  if (fresh.length === 0) return []
  const rows = isFolder ? [...known.values()] : await find({ below: dirname(root) })
  const absent = rows.filter(({ ref }) => !given.has(ref))
  const renamed = absent.length === 0 ? [] : await findRenames(absent, fresh, { signal })
  if (renamed.length === 0) return []
  await store({ documents: [], dropped: [], checked: [], renamed, cause: { type: 'import', id: root } })
  for (const { from, to } of renamed) {
    known.set(to, { ...absent.find(({ ref }) => ref === from)!, ref: to })
    known.delete(from)
  }
  return renamed
}

/** Files that are missing now, and those that were found in a folder which no longer shows them. */
async function goneOf(absent: readonly CountedSource[]): Promise<readonly string[]> {
  const gone: string[] = []
  for (const { ref, named } of absent)
    if (named === 0 || (await stat(ref).catch(({ code }) => code)) === 'ENOENT') gone.push(ref)
  return gone
}

const signalIn = ({ signal }: AddSourceOptions) => (signal ? { signal } : {})

function portionEnd(signal: AbortSignal | undefined): () => boolean {
  const end = performance.now() + PORTION_MS
  return () => {
    signal?.throwIfAborted()
    return performance.now() > end
  }
}

function placeOf(
  from: Pick<SourcePlace, 'ref' | 'type' | 'named' | 'trusted'>,
  known: CountedSource | undefined,
  { space }: SourceRequest,
): SourcePlace {
  return { ...from, space: space ?? known?.space ?? '' }
}

/** Whether a walk comes to a file behind another one: it goes through each folder by names. */
function isBehind(name: string, after: string): boolean {
  const [one, other] = [name.split('/'), after.split('/')]
  const place = one.findIndex((part, index) => part !== other[index])
  return place >= 0 && (place >= other.length || one[place]! > other[place]!)
}

function openWriting({ store, now }: SourceServices, { change: before }: SourceRequest, root: string) {
  const cause: Cause = { type: 'import', id: root }
  const askedAt = now()
  const report = { ...EMPTY_REPORT, skipped: [...EMPTY_REPORT.skipped], notes: [...EMPTY_REPORT.notes] }
  let change = before
  let derived = 0
  let documents: DocumentChanges['documents'][number][] = []
  let checked: DocumentChanges['checked'][number][] = []
  const skip = (ref: string, reason: string) =>
    report.skipped.length < MAX_NOTES && report.skipped.push({ ref, reason })
  const note = (...notes: string[]) => report.notes.push(...notes.slice(0, MAX_NOTES - report.notes.length))
  async function flush(dropped: readonly string[]): Promise<void> {
    if (documents.length + checked.length + dropped.length === 0) return
    const stored = await store({ documents, dropped, checked, cause, askedAt, ...(change !== undefined && { change }) })
    documents = []
    checked = []
    change = stored.change
    report.dropped += dropped.length
    report.added += stored.added
    report.removed += stored.removed
    derived += stored.derived ?? 0
  }
  return {
    skip,
    note,
    flush,
    passages: () => documents.reduce((sum, { passages }) => sum + passages.length, 0),
    take(ref: string, known: CountedSource | undefined, read: ReadSource): void {
      if (read.result === 'gone') return
      if (read.result === 'document') documents.push(read.document)
      if (read.result === 'checked') checked.push({ ref, ...read })
      const reason =
        read.result === 'document' ? read.document.reason : read.result === 'checked' ? read.reason : known!.reason
      if (reason !== null) skip(ref, reason)
      else if (read.result === 'document') report.read++
      else report.same++
      if (read.result === 'document') note(...read.gaps.map((gap) => `${ref}: ${gap}`))
    },
    async end(dropped: readonly string[]): Promise<AddedSources> {
      await flush(dropped)
      return { ...report, ...(derived > 0 && { derived }), ...(change !== undefined && { change }) }
    },
  }
}

function urlOf(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new InvalidError(`Expected a URL that begins with http:// or https://, got ${text}.`)
  if (url.username !== '' || url.password !== '')
    throw new InvalidError(`Expected a URL without a user name and a password, since memory keeps it.`)
  url.hash = ''
  return url.href
}

async function download({ web }: SourceServices, url: string, options: AddSourceOptions) {
  const network = await web()
  const { status, body, headers } = await network.request({ url, ...signalIn(options) }).catch((error) => {
    options.signal?.throwIfAborted()
    throw unreachable(url, error.message, error)
  })
  if (status < 200 || status >= 300) throw unreachable(url, `its server answers ${status}`)
  const { 'content-type': type } = headers
  return { bytes: Buffer.from(body), ...(type !== undefined && { type }) }
}

function unreachable(url: string, reason: string, cause?: unknown): TerminalError {
  const hint = is(cause) ? cause.hint : undefined
  const code = 'source_unreachable'
  return new TerminalError(`${url} cannot be fetched: ${reason}.`, { code, cause, ...(hint && { hint }) })
}

function sentBytes({ text, base64 = '', type }: SourceRequest) {
  const bytes = text === undefined ? Buffer.from(base64, 'base64') : Buffer.from(text)
  return { bytes, ...(type !== undefined && { type }) }
}
