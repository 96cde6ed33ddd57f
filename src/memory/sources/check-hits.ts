import { is } from '../../errors.ts'
import type { CheckedSources, FoundRecords } from '../memory.ts'
import type { CountedSource } from '../store/documents/source-rows.ts'
import type { SourceServices } from './add-source.ts'
import { readFileSource } from './read-source.ts'
import { filesNear, findRenames } from './renames.ts'

/** Files that one search looks at, and the time that it has to read those that have changed. */
const MAX_CHECKED = 20
const MAX_CHECK_MS = 3_000
const MAX_ROUNDS = 3

/**
 * Searches, and looks at the files behind the results. A changed file is read again and a missing one is dropped, and
 * then it searches again. `sources` is absent if all files are as they were.
 */
export async function searchFresh(
  services: SourceServices,
  search: () => Promise<FoundRecords>,
): Promise<FoundRecords> {
  const signal = AbortSignal.timeout(MAX_CHECK_MS)
  const looked = new Map<string, Looked>()
  let found = await search()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const refs = [
      ...new Set(found.records.flatMap(({ source: { type, ref = '' } }) => (/file|web/.test(type) ? [ref] : []))),
    ]
    const fresh = refs.filter((ref) => ref !== '' && !looked.has(ref))
    if (fresh.length === 0) break
    const rows = await services.known({ refs: fresh })
    for (const row of rows) looked.set(row.ref, await look(services, row, looked.size < MAX_CHECKED, signal))
    for (const ref of fresh) if (!looked.has(ref)) looked.set(ref, {})
    if (!rows.some(({ ref }) => looked.get(ref)?.isChanged)) break
    found = await search()
  }
  const sources = checkedSources(looked, new Set(found.records.map(({ source: { ref = '' } }) => ref)))
  return sources ? { ...found, sources } : found
}

/** The outcome of a look at the document behind a result. */
type Looked = {
  readonly in?: Exclude<keyof CheckedSources, 'unread' | 'pages' | 'renamed'>
  readonly isChanged?: boolean
} & {
  /** the name that the file has now */
  readonly renamed?: string
  readonly reason?: string
  readonly readAt?: number
}

async function look(
  services: SourceServices,
  row: CountedSource,
  isAllowed: boolean,
  signal: AbortSignal,
): Promise<Looked> {
  const { ref, type, trusted } = row
  if (type === 'web') return { readAt: row.read_at }
  if (type === 'upload') return {}
  if (!isAllowed || signal.aborted || services.isShared) return { in: 'unchecked' }
  try {
    // passages that were forgotten or undone since do not count as a change
    const known = { ...row, live: row.records }
    // the rule for untrusted callers may have become stricter
    const read = await readFileSource(row, known, signal, () => services.openPath(ref, trusted === 1))
    if (read.result === 'same') return row.reason === null ? {} : { reason: row.reason }
    const changes = { documents: [], dropped: [], checked: [], cause: { type: 'import', id: ref } } as const
    if (read.result === 'gone') {
      const renamed = await newNameOf(services, row, signal)
      if (renamed !== undefined) {
        await services.store({ ...changes, renamed: [{ from: ref, to: renamed }] })
        return { renamed, isChanged: true }
      }
      await services.store({ ...changes, dropped: [ref] })
      return { in: 'dropped', isChanged: true }
    }
    if (read.result === 'checked') {
      await services.store({ ...changes, checked: [{ ref, ...read }] })
      return read.reason === null ? {} : { reason: read.reason }
    }
    const { reason } = read.document
    await services.store({ ...changes, documents: [read.document] })
    return { isChanged: true, ...(reason === null ? { in: 'reread' as const } : { reason }) }
  } catch (error) {
    if (signal.aborted) return { in: 'unchecked' }
    if (!is(error)) throw error
    return { reason: error.message }
  }
}

/** The present name of a file that is gone; undefined: there is none that the caller may read and that is not known. */
async function newNameOf(
  services: SourceServices,
  row: CountedSource,
  signal: AbortSignal,
): Promise<string | undefined> {
  const isTaken = async (path: string) =>
    (await services.known({ refs: [path] })).length > 0 || !(await mayOpen(services, path, row))
  const [found] = await findRenames([row], await filesNear(row.ref), { signal, isTaken })
  return found?.to
}

const mayOpen = ({ openPath }: SourceServices, path: string, { trusted }: CountedSource) =>
  openPath(path, trusted === 1).then(
    () => true,
    (error) => {
      if (!is(error)) throw error
      return false
    },
  )

function checkedSources(looked: ReadonlyMap<string, Looked>, shown: ReadonlySet<string>): CheckedSources | undefined {
  const all = [...looked].sort(([a], [b]) => (a < b ? -1 : 1))
  const refsIn = (list: Looked['in']) => all.flatMap(([ref, { in: is }]) => (is === list ? [ref] : []))
  const sources = {
    reread: refsIn('reread'),
    dropped: refsIn('dropped'),
    unchecked: refsIn('unchecked').filter((ref) => shown.has(ref)),
    renamed: all.flatMap(([ref, { renamed }]) => (renamed === undefined ? [] : [{ ref, to: renamed }])),
    unread: all.flatMap(([ref, { reason }]) => (reason === undefined ? [] : [{ ref, reason }])),
    pages: all.flatMap(([ref, { readAt }]) => (readAt === undefined || !shown.has(ref) ? [] : [{ ref, readAt }])),
  }
  return Object.values(sources).some((list) => list.length > 0) ? sources : undefined
}
