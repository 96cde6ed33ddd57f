import { InvalidError } from '../errors.ts'
import { faultText, validationIssues } from '../kernel/schema-issues/validation-issues.ts'
import { type Embedding, notComparable } from './embedding/embedding.ts'
import { EMPTY_STATS } from './empty-stats.ts'
import { finishErasures } from './erasures.ts'
import { MEMORY_LIMITS } from './limits.ts'
import type { Cause, ErasureReport, ForgetTarget, OwnerMemory } from './memory.ts'
import { erasedMeanwhile, noChange, noProposal, noRecord } from './memory.ts'
import { type NewRecord, newRecordSchema, recordFilter } from './record.ts'
import type { Mirror } from './redis/mirror.ts'
import type { SourceServices } from './sources/add-source.ts'
import { searchFresh } from './sources/check-hits.ts'
import { openSources } from './sources/open-sources.ts'
import type { MemoryStore } from './store/open-store.ts'
import type { InputOf, JobName, MemoryCall, ResultOf } from './store/threads/work.ts'
import { type TransferStore, transferOf } from './transfer/transfer.ts'

/** The services of memories, beside their store. Without paths and the network it takes no files and no pages. */
export type MemoryServices = Partial<Pick<SourceServices, 'openPath' | 'web' | 'isShared'>> & {
  /** wakes the actor of a memory after a write; nobody waits for it */
  readonly wake?: (owner: string, at: number) => void
  /** counts reads of records; nobody waits for it */
  readonly noteReads?: (owner: string, ids: readonly string[]) => void
  /** absent: there is no encoder, so searches go by words */
  readonly embedding?: Pick<Embedding, 'ask' | 'take'>
  /** the time by which records expire, ms since the epoch; absent: the clock */
  readonly trustedNow?: () => number
  /** absent: there are no copies on Redis */
  readonly mirror?: Pick<Mirror, 'state'>
}

/** The memory of an owner in a store. `now`: ms since the epoch. */
export function memoryOf(
  store: MemoryStore,
  owner: string,
  now: () => number,
  {
    wake = () => {},
    noteReads = () => {},
    embedding,
    mirror,
    trustedNow = now,
    openPath = closed,
    web = closed,
    isShared = false,
  }: MemoryServices = {},
): OwnerMemory {
  const call = <Name extends JobName>(name: Name, input: InputOf<Name>) =>
    ({ name, owner, input, now: now(), trusted: trustedNow() }) as MemoryCall
  const read = <Name extends JobName>(name: Name, input: InputOf<Name>) =>
    store.read(call(name, input)) as Promise<ResultOf<Name> | undefined>
  const write = <Name extends JobName>(name: Name, input: InputOf<Name>) =>
    store.write(call(name, input)) as Promise<ResultOf<Name>>
  // without a record of this owner there is nothing to change, and no file is made
  const change = async <Name extends JobName>(name: Name, input: InputOf<Name>) =>
    (await read('stats', {})) && (await write(name, input))
  const erase = async () => {
    wake(owner, now())
    await finishErasures(write)
  }
  const transferStore: TransferStore = {
    startExport: () => change('startExport', {}),
    async exportPage(position) {
      const page = await read('exportPage', position)
      if (!page) throw erasedMeanwhile()
      return page
    },
    beginImport: (id) => write('beginImport', id),
    stageImport: (portion) => write('stageImport', portion),
    finishImport: (end) => write('finishImport', end),
    dropImport: (staging) => write('dropImport', staging),
    erase,
  }
  const documents: SourceServices = {
    openPath,
    web,
    isShared,
    now,
    known: async (query) => (await read('sources', query)) ?? [],
    async store(changes) {
      const stored = await write('documents', changes)
      wake(owner, now())
      return stored
    },
  }
  async function forget(target: ForgetTarget, cause?: Cause): Promise<ErasureReport> {
    const { id, derived } = await write('forget', { target, ...(cause && { cause }) })
    await erase()
    await read('refreshSignatures', {})
    const report = await write('readErasure', id)
    return { ...report, ...(derived.length > 0 && { derived }) }
  }
  return {
    transfer: transferOf(transferStore, now),
    sources: openSources(documents),
    async add(records, options = {}) {
      const checked = options.cites && records.length === 0 ? [] : checkRecords(records)
      const added = await write('add', [checked, options])
      wake(owner, now())
      return added
    },
    async search({ vector, ...query }) {
      if (!vector) checkQuery(query.text)
      else if (!embedding) throw notComparable('This memory has no encoder, so it compares no vectors.')
      const meaning = vector ? embedding?.take(owner, vector) : embedding?.ask(owner, query.text)
      const { lacks = [], ...asked } = (await meaning) ?? {}
      const find = async () => (await read('search', { ...query, ...asked })) ?? { records: [] }
      const found = await searchFresh(documents, find)
      noteReads(
        owner,
        found.records.map(({ id }) => id),
      )
      return lacks.length === 0 ? found : { ...found, degraded: [...(found.degraded ?? []), ...lacks] }
    },
    list: async (query = {}) => (await read('list', query)) ?? [],
    async get(id) {
      const found = await read('get', id)
      if (!found) throw noRecord(id)
      noteReads(owner, [id])
      return found
    },
    async pin(id, pinned, options) {
      const found = await change('pin', { id, pinned, ...options })
      if (!found) throw noRecord(id)
      return found
    },
    async forget(target, { dryRun = false, cause } = {}) {
      checkTarget(target)
      if (dryRun) return (await read('countTarget', target)) ?? nothingOf(target)
      return forget(target, cause)
    },
    proposals: {
      list: async () => (await read('listProposals', {})) ?? [],
      async accept(id, { cause } = {}) {
        const accepted = await change('acceptProposal', { id, ...(cause && { cause }) })
        if (!accepted) throw noProposal(id)
        return accepted
      },
      async decline(id, { cause } = {}) {
        if (!(await read('getProposal', id))) throw noProposal(id)
        return forget({ id }, cause)
      },
    },
    changes: {
      list: async (query = {}) => (await read('changes', query)) ?? [],
      async undo(number, options) {
        const done = await change('undo', { change: number, ...options })
        if (!done) throw noChange(number)
        await read('refreshSignatures', {})
        return done
      },
    },
    async stats() {
      const stats = (await read('stats', {})) ?? EMPTY_STATS
      return mirror ? { ...stats, redis: await mirror.state() } : stats
    },
  }
}

const closed = () => Promise.reject(new InvalidError('This memory reads no files and no pages.'))

function checkRecords(records: readonly NewRecord[]): readonly NewRecord[] {
  if (records.length === 0 || records.length > MEMORY_LIMITS.records)
    throw new InvalidError(`Expected 1 to ${MEMORY_LIMITS.records} records, got ${records.length}.`)
  return records.map((record, place) => {
    const { success, data, error } = newRecordSchema.safeParse(record)
    if (success) return data as NewRecord
    const [fault] = validationIssues(error.issues, record)
    const path = ['records', place, ...(fault?.path ?? [])].join('.')
    throw new InvalidError(`Record ${place + 1}: ${fault ? faultText(fault) : error.message}`, { place: { path } })
  })
}

function checkQuery(text: string): void {
  if (text.trim() === '') throw new InvalidError('Expected a text to search for, got an empty one.')
  if (text.length > MEMORY_LIMITS.query)
    throw new InvalidError(`Expected at most ${MEMORY_LIMITS.query} characters to search for, got ${text.length}.`)
}

const TARGETS = ['id', 'space', 'source', 'subject', 'kind', 'all']

function checkTarget(target: ForgetTarget): void {
  const names = Object.keys(target)
  if (names.length !== 1 || !TARGETS.includes(names[0]!))
    throw new InvalidError(`Expected one of ${TARGETS.join(', ')}, got ${names.join(', ') || 'nothing'}.`)
  // a malformed space matches nothing, and would read as forgotten
  const { error } = 'space' in target ? recordFilter.space.safeParse(target.space) : {}
  if (error) throw new InvalidError(`space: ${error.issues[0]!.message}`, { place: { path: 'space' } })
}

function nothingOf(target: ForgetTarget): ErasureReport {
  const by = Object.keys(target)[0] as ErasureReport['by']
  return { status: 'dry-run', by, removed: { records: 0, words: 0, vectors: 0, changes: 0 }, remains: [] }
}
