import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import Libsql from 'libsql'
import { problemOf } from '../../errors.ts'
import { createTables, type DatabaseSchema } from './create-tables.ts'
import type { Write } from './database.ts'
import { openFence } from './fence.ts'
import { prepareInsert } from './insert-rows.ts'
import { isCorrupt } from './row-checks.ts'

/** A write as one text, which passes between threads faster than an object: lengths, then log, ids and rows as they are. */
export function encodeWrite({ seq, log, ids = '', rows }: Write): string {
  return `${seq} ${log.length} ${ids.length}\n${log}${ids}${rows ? JSON.stringify(rows) : ''}`
}

/** The write that was framed. */
export function decodeWrite(text: string): Write {
  const head = text.indexOf('\n')
  const [seq, log, ids] = text.slice(0, head).split(' ').map(Number) as [number, number, number]
  const endOfLog = head + 1 + log
  const endOfIds = endOfLog + ids
  return {
    seq,
    log: text.slice(head + 1, endOfLog),
    ...(ids > 0 && { ids: text.slice(endOfLog, endOfIds) }),
    ...(endOfIds < text.length && { rows: JSON.parse(text.slice(endOfIds)) }),
  }
}

export type WriterOptions = {
  readonly path: string
  readonly schema: DatabaseSchema
  /** `ids` puts those of a row of the log where they are kept when it is trimmed. */
  readonly statements: { readonly ids: string; readonly [name: string]: string }
  /** FULL: a commit survives power loss. NORMAL: it survives the process only. */
  readonly synchronous: 'FULL' | 'NORMAL'
  /** that of the writer this one goes on for; absent: it claims one of its own, and earlier writers are refused */
  readonly epoch?: number
}

const LOCK_TIMEOUT_MS = 5_000

/** How a writer copies SQLite's write-ahead log into the file. PASSIVE: as far as readers allow. TRUNCATE: it also empties the log if nobody reads it. */
export type WalCheckpointMode = 'PASSIVE' | 'TRUNCATE'

/** Ids of so many characters go at once where they are kept: in the log they would be written once more when it is trimmed. */
const LONG = 8_192

/** The one connection that writes. */
export interface Writer {
  readonly epoch: number
  /** One transaction, durable on return. */
  write(write: Write): void
  /** Does nothing after a failed write, or when another writer has taken the file over. */
  copy(how: WalCheckpointMode): void
  /** Empties the log first. */
  close(): void
}

export function openWriter({ path, schema, statements, synchronous, epoch }: WriterOptions): Writer {
  // a writer that was taken over, or one that takes over, is waited for
  const database = new Libsql(path, { timeout: LOCK_TIMEOUT_MS })
  database.exec('pragma journal_mode=WAL')
  database.exec(`pragma synchronous=${synchronous}`)
  // a copy at the end of any commit could coincide with the one in another thread, see ahead.ts
  database.exec('pragma wal_autocheckpoint=0')
  try {
    createTables(database, schema)
  } catch (error) {
    database.close()
    throw error
  }
  const fence = openFence(database, epoch)
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  const prepared = new Map(Object.entries(statements).map(([name, sql]) => [name, prepareInsert(database, sql)]))
  // until a write has ended well it counts as failed
  let failed = false

  function write(given: Write): void {
    const { seq, log: data, ids = null, rows = [] } = given
    const isLong = ids !== null && ids.length >= LONG
    if (!isLong && rows.length === 0) {
      fence.append(seq, data, ids)
      return
    }
    begin.run([])
    try {
      fence.append(seq, data, isLong ? null : ids)
      if (isLong) prepared.get('ids')!([[seq, ids]])
      for (const [name, values] of rows) prepared.get(name)!(values)
      commit.run([])
    } finally {
      // what failed must not keep the file from others
      if (database.inTransaction) database.exec('rollback')
    }
  }

  function copy(how: WalCheckpointMode): void {
    if (failed) return
    try {
      if (!fence.isNewest()) return
      // it waits for no reader: the log keeps what was not copied
      database.exec('pragma busy_timeout=0')
      database.exec(`pragma wal_checkpoint(${how})`)
      database.exec(`pragma busy_timeout=${LOCK_TIMEOUT_MS}`)
    } catch {
      // nothing is lost, for the log keeps it; a disk that refuses this refuses the next write, which fails
    }
  }

  return {
    epoch: fence.epoch,
    write(given) {
      failed = true
      try {
        write(given)
      } catch (error) {
        if (!isCorrupt(error)) throw error
        // a damaged row is no longer where its index says: made anew, the index lets it be written over
        database.exec('reindex')
        write(given)
      }
      failed = false
    },
    copy,
    close() {
      copy('TRUNCATE')
      database.close()
    },
  }
}

if (!isMainThread && workerData?.statements) serve(workerData as WriterThreadData)

/** What the thread is started with. */
export type WriterThreadData = WriterOptions & { readonly opens: 'at once' | 'at the first write' }

function serve({ opens, ...options }: WriterThreadData): void {
  const port = parentPort!
  let writer = opens === 'at once' ? openWriter(options) : undefined
  port.on('message', (message: string | null | { readonly copy: WalCheckpointMode }) => {
    if (message === null) {
      writer?.close()
      port.close()
      return
    }
    if (typeof message === 'object') {
      writer?.copy(message.copy)
      return
    }
    port.postMessage(
      tryTo(() => {
        writer ??= openWriter(options)
        const from = performance.now()
        const write = decodeWrite(message)
        writer.write(write)
        return { written: write.seq, took: performance.now() - from }
      }),
    )
  })
  port.postMessage('ready')
}

/** What the thread says: the number of a write that is durable and the ms it took, or why one failed. */
export type WriterReport =
  | { readonly written: number; readonly took: number }
  | { readonly failed: string; readonly code: string }

function tryTo(write: () => WriterReport): WriterReport {
  try {
    return write()
  } catch (error) {
    return { failed: (error as Error).message, code: problemOf(error).code }
  }
}
