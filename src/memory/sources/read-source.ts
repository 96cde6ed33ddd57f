import { hash } from 'node:crypto'
import { lstat, realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import { is } from '../../errors.ts'
import type { FilePassage } from '../../source/document.ts'
import { hashOf, readDocument, readerOf, readFileBytes } from '../../source/source.ts'
import { passagesOf } from '../../source/split.ts'
import { recordText } from '../record.ts'
import type { CountedSource } from '../store/documents/source-rows.ts'
import type { StoredDocument, StoredPassage } from '../store/documents/store-documents.ts'

/** How a document is added: everything of it but its content. */
export type SourcePlace = Pick<StoredDocument, 'ref' | 'type' | 'space' | 'trusted' | 'named'>

/** The facts about a file by which a change is noticed. */
type FileFacts = Pick<StoredDocument, 'size' | 'mtime'>

/**
 * The result of looking at a document. `same`: nothing to write. `checked`: its passages stay. `document`: it replaces
 * the one before; `gaps` say what its passages lack.
 */
export type ReadSource =
  | { readonly result: 'same' }
  | { readonly result: 'gone' }
  | ({ readonly result: 'checked'; readonly reason: string | null } & FileFacts)
  | { readonly result: 'document'; readonly document: StoredDocument; readonly gaps: readonly string[] }

/** A file that changed so shortly ago may change again within the same tick of its clock. */
const SETTLED_MS = 2_000

/**
 * Looks at a file: first by size and time, then by its bytes. Its path is real, and stays so. `check` throws an error
 * for a file that may not be read any more.
 */
export async function readFileSource(
  place: SourcePlace,
  known: CountedSource | undefined,
  signal?: AbortSignal,
  check: () => Promise<unknown> = async () => {},
): Promise<ReadSource> {
  const { ref } = place
  const facts = await factsOf(ref)
  if (facts === undefined) return { result: 'gone' }
  if ('reason' in facts) return unread(place, known, facts.reason, { size: null, mtime: null })
  if (
    known &&
    isSamePlace(known, place) &&
    isWhole(known, basename(ref)) &&
    known.size === facts.size &&
    known.mtime === facts.mtime
  )
    return { result: 'same' }
  try {
    await check()
    const bytes = await readFileBytes(ref, signal)
    return await readBytesSource(place, known, {
      bytes,
      name: basename(ref),
      facts: settled(facts),
      ...(signal && { signal }),
    })
  } catch (error) {
    signal?.throwIfAborted()
    if (!is(error)) throw error
    return unread(place, known, error.message, { size: null, mtime: null })
  }
}

type SourceBytes = {
  readonly bytes: Buffer
  readonly name: string
  readonly facts?: FileFacts
  readonly type?: string
  readonly signal?: AbortSignal
}

/** Reads the bytes of a document, unless they are those that it had. */
export async function readBytesSource(
  place: SourcePlace,
  known: CountedSource | undefined,
  { bytes, name, facts = { size: bytes.length, mtime: null }, type, signal }: SourceBytes,
): Promise<ReadSource> {
  const hash = hashOf(bytes)
  const isKnown = known?.hash === hash && isSamePlace(known, place) && isWhole(known, name)
  if (isKnown) return { result: 'checked', reason: known.reason, ...facts }
  const document = { ...place, ...facts, hash, reader: readerOf(name), reason: null, passages: [] }
  try {
    const read = await readDocument(name, bytes, { ...(type && { type }), ...(signal && { signal }) })
    const passages = storedPassages(place, passagesOf(read))
    return { result: 'document', document: { ...document, passages }, gaps: read.gaps }
  } catch (error) {
    signal?.throwIfAborted()
    if (!is(error)) throw error
    // a package that is installed later makes it readable, and so may another attempt
    const isLasting = error.code !== 'peer_missing' && error.code !== 'timeout'
    const unsettled = isLasting ? {} : { mtime: null, hash: '' }
    return { result: 'document', document: { ...document, ...unsettled, reason: reasonOf(error) }, gaps: [] }
  }
}

const reasonOf = ({ message, hint }: { readonly message: string; readonly hint?: string | undefined }) =>
  hint === undefined ? message : `${message} (${hint})`

/** All passages that it had are in memory, read by the present readers. */
const isWhole = ({ reader, live, records }: CountedSource, name: string) =>
  reader === readerOf(name) && live === records

const isSamePlace = (known: CountedSource, { type, space }: SourcePlace) => known.type === type && known.space === space

/** A file that cannot be opened keeps the passages that it had. */
function unread(place: SourcePlace, known: CountedSource | undefined, reason: string, facts: FileFacts): ReadSource {
  if (known) return { result: 'checked', reason, ...facts }
  const document = { ...place, ...facts, hash: '', reader: readerOf(basename(place.ref)), reason, passages: [] }
  return { result: 'document', document, gaps: [] }
}

async function factsOf(
  path: string,
): Promise<(FileFacts & { readonly mtime: number }) | { readonly reason: string } | undefined> {
  try {
    // a link in its way leads elsewhere: the file that was added is gone
    const found = await lstat(path)
    if (!found.isFile() || (await realpath(path)) !== path) return undefined
    return { size: found.size, mtime: found.mtimeMs }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { reason: `it cannot be read (${code})` }
  }
}

const settled = ({ size, mtime }: FileFacts & { readonly mtime: number }): FileFacts => ({
  size,
  mtime: Date.now() - mtime < SETTLED_MS ? null : mtime,
})

/**
 * The passages of a document with their ids. An id follows from document, space, headings and text, so a passage that
 * only moves in its file stays the same record. The same text for the n-th time in one document has an id of its own.
 */
function storedPassages(
  { ref, space }: { readonly ref: string; readonly space: string },
  passages: readonly FilePassage[],
): readonly StoredPassage[] {
  const times = new Map<string, number>()
  return passages
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, heading, locator }) => {
      const content = JSON.stringify([ref, space, heading, text])
      const time = times.get(content) ?? 0
      times.set(content, time + 1)
      const id = `p_${hash('sha256', `${time}${content}`, 'base64url').slice(0, 22)}`
      return { id, text: recordText(text), heading: recordText(heading), at: locator }
    })
}
