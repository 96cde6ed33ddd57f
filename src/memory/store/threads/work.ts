import { add } from '../add.ts'
import { type MemoryConnection, openConnection } from '../connection.ts'
import { listSources } from '../documents/source-rows.ts'
import { type DocumentChanges, storeDocuments } from '../documents/store-documents.ts'
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

type Input<Work> = Work extends (
  connection: MemoryConnection,
  owner: number,
  input: infer Given,
  ...more: never[]
) => unknown
  ? Given
  : never
type Jobs = ReturnType<typeof readsWith> & typeof WRITES
/**
 * A call by name: the input of the work, and what it gives. `trusted`: the time by which records expire, ms since the
 * epoch; absent: `now`.
 */
export type MemoryCall = { readonly trusted?: number } & NamedCall
type NamedCall =
  | {
      [Name in keyof Jobs]: {
        readonly name: Name
        readonly owner: string
        readonly input: Input<Jobs[Name]>
        readonly now: number
      }
    }[keyof Jobs]
  | {
      readonly name: 'add'
      readonly owner: string
      readonly input: readonly [records: Parameters<typeof add>[2], options: Parameters<typeof add>[3]]
      readonly now: number
    }
  | { readonly name: 'documents'; readonly owner: string; readonly input: DocumentChanges; readonly now: number }
  | {
      readonly name: 'forget'
      readonly owner: string
      readonly input: Parameters<typeof beginErasure>[2]
      readonly now: number
    }
  | { readonly name: 'unreadOwners'; readonly owner?: never; readonly input: string; readonly now: number }
  | { readonly name: 'beginImport'; readonly owner: string; readonly input: string | undefined; readonly now: number }
  | { readonly name: 'mirroredOwners'; readonly owner?: never; readonly input?: never; readonly now: number }
  | { readonly name: 'endMirrors'; readonly owner?: never; readonly input?: never; readonly now: number }
  | { readonly name: 'owners'; readonly owner?: never; readonly input?: never; readonly now: number }
  | { readonly name: 'proposers'; readonly owner?: never; readonly input?: never; readonly now: number }

async function work(connection: MemoryConnection, jobs: Jobs, given: MemoryCall): Promise<unknown> {
  const { name, owner, input, now, trusted } = given
  if (name === 'add') return add(connection, owner, input[0], input[1], now, trusted)
  if (name === 'documents') return storeDocuments(connection, owner, input, now)
  if (name === 'forget') return beginErasure(connection, owner, input, now)
  if (name === 'beginImport') return beginImport(connection, openOwner(connection, owner), input, now)
  if (name === 'owners') return listOwners(connection)
  if (name === 'mirroredOwners') return mirroredOwners(connection)
  if (name === 'endMirrors') return endMirrors(connection)
  if (name === 'unreadOwners') return unreadOwners(connection, input)
  if (name === 'proposers') return ownersWithProposals(connection)
  const number = ownerNumber(connection, owner)
  if (number === undefined) return undefined
  const job = jobs[name] as (...given: unknown[]) => unknown
  return job(connection, number, input, now, trusted)
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
  return { call: (given) => next(() => work(connection, jobs, given)), close: () => next(() => connection.close()) }
}
