import { add } from '../add.ts'
import { type MemoryConnection, openConnection } from '../connection.ts'
import { listSources } from '../documents/source-rows.ts'
import { storeDocuments } from '../documents/store-documents.ts'
import { beginErasure, countErasures, countTarget, erasePortion, readErasure, settleErasures } from '../erase.ts'
import { listOwners, openOwner, ownerNumber } from '../owners.ts'
import { acceptProposal, getProposal, listProposals, ownersWithProposals } from '../proposals/decide.ts'
import * as reads from '../read.ts'
import { type StoreSearch, search } from '../search/search.ts'
import { createSignatureCache } from '../search/signatures.ts'
import { hasVectors, keepVectors, unread, unreadOwners } from '../search/vectors.ts'
import { connectServer } from '../server/connect.ts'
import type { ServerAddress } from '../server/line.ts'
import { exportPage, startExport } from '../transfer/export-rows.ts'
import { beginImport, dropImport, dropStagings, finishImport, stageImport } from '../transfer/import-rows.ts'
import { noteReads } from '../upkeep/access.ts'
import { forgetOwner } from '../upkeep/forget-owner.ts'
import { endMirrors, mirroredOwners, mirrorPage, noteMirrored, resetMirror } from '../upkeep/mirror.ts'
import { moveRows, planMoves } from '../upkeep/moves.ts'
import { expirePortion, readExpiry } from '../upkeep/retention.ts'
import { stats } from '../upkeep/stats.ts'
import * as writes from '../write.ts'

/** The work by its name. The connection and the owner come first; the owner is from the call. */
const readsWith = (signatures: ReturnType<typeof createSignatureCache>) => ({
  search: (connection: MemoryConnection, owner: number, query: StoreSearch, now: number) =>
    search(connection, signatures, owner, query, now),
  unread,
  hasVectors,
  refreshSignatures: (connection: MemoryConnection, owner: number, _: object) => signatures.refresh(connection, owner),
  list: reads.list,
  get: reads.get,
  changes: reads.listChanges,
  stats,
  countTarget,
  countErasures,
  readExpiry,
  sources: listSources,
  exportPage,
  planMoves,
  listProposals,
  getProposal,
  mirrorPage,
})
const WRITES = {
  pin: writes.pin,
  undo: writes.undo,
  erasePortion,
  settleErasures,
  readErasure,
  expirePortion,
  startExport,
  stageImport,
  finishImport,
  dropImport,
  moveRows,
  noteReads,
  keepVectors,
  resetMirror,
  noteMirrored,
  forgetOwner: (connection: MemoryConnection, owner: number, _: unknown) => forgetOwner(connection, owner),
  acceptProposal,
}

/** Work that may write the first row of an owner, whose name comes second. */
const FIRSTS = {
  add: (
    connection: MemoryConnection,
    owner: string,
    [records, options]: readonly [Parameters<typeof add>[2], Parameters<typeof add>[3]],
    now: number,
    trusted?: number,
  ) => add(connection, owner, records, options, now, trusted),
  documents: storeDocuments,
  forget: beginErasure,
  beginImport: (connection: MemoryConnection, owner: string, id: string | undefined, now: number) =>
    beginImport(connection, openOwner(connection, owner), id, now),
}
/** Work on the memories of all owners. */
const OF_ALL = {
  owners: listOwners,
  mirroredOwners,
  endMirrors,
  proposers: ownersWithProposals,
  unreadOwners,
}

type Work<Input> = (connection: MemoryConnection, owner: never, input: Input, ...more: never[]) => unknown
type Input<Job> = Job extends Work<infer Given> ? Given : never
type Jobs = ReturnType<typeof readsWith> & typeof WRITES
type OwnerJobs = Jobs & typeof FIRSTS

/** The work of an owner by its name, with its input and its result. */
export type JobName = keyof OwnerJobs
export type InputOf<Name extends JobName> = Input<OwnerJobs[Name]>
export type ResultOf<Name extends JobName> = Awaited<ReturnType<OwnerJobs[Name]>>

/** A call by name. `trusted`: the time for expiry, epoch ms; absent: `now`. Without records it gives undefined. */
export type MemoryCall = { readonly trusted?: number; readonly now: number } & (
  | { [Name in JobName]: { readonly name: Name; readonly owner: string; readonly input: InputOf<Name> } }[JobName]
  | { readonly name: Exclude<keyof typeof OF_ALL, 'unreadOwners'>; readonly owner?: never; readonly input?: never }
  | { readonly name: 'unreadOwners'; readonly owner?: never; readonly input: string }
)

type AnyWork = (connection: MemoryConnection, ...given: readonly unknown[]) => unknown

function work(connection: MemoryConnection, jobs: Jobs, { name, owner, input, now, trusted }: MemoryCall): unknown {
  const find = (table: { readonly [name: string]: unknown }) =>
    Object.hasOwn(table, name) ? (table[name] as AnyWork) : undefined
  const [ofAll, first] = [find(OF_ALL), find(FIRSTS)]
  if (ofAll) return ofAll(connection, input)
  if (first) return first(connection, owner, input, now, trusted)
  const number = ownerNumber(connection, owner!)
  return number === undefined ? undefined : find(jobs)?.(connection, number, input, now, trusted)
}

/** ms: an import into a server that began earlier was killed. */
const MAX_IMPORT_MS = 86_400_000

/** The work on one connection, one call at a time. */
export type StoreWork = {
  call(given: MemoryCall): Promise<unknown>
  /** Ends the connection after the calls before. */
  close(): Promise<void>
}

/** Opens the file or the server. @throws InvalidError for a file of another format */
export function openWork(place: string | ServerAddress, role: 'write' | 'read'): StoreWork {
  const connection = typeof place === 'string' ? openConnection(place, role) : connectServer(place)
  // other nodes may import into a server
  if (role === 'write') dropStagings(connection, typeof place === 'string' ? undefined : Date.now() - MAX_IMPORT_MS)
  const jobs: Jobs = { ...readsWith(createSignatureCache()), ...WRITES }
  let last: Promise<unknown> = Promise.resolve()
  const next = <Result>(act: () => Result) => {
    const result = last.then(act)
    last = result.catch(() => {})
    return result
  }
  return {
    call: (given) => next(() => work(connection, jobs, given)),
    close: () => next(() => connection.close()),
  }
}
