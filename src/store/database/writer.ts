import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import Libsql from 'libsql'
import { problemOf } from '../../errors.ts'
import { callUnbroken } from '../unbroken-call.ts'
import { rowChecksum } from './checked-row.ts'
import { createTables, type DatabaseSchema } from './create-tables.ts'
import type { Write } from './database.ts'
import { openFence } from './fence.ts'
import { prepareInsert } from './insert-rows.ts'
import { isCorrupt } from './row-checks.ts'

/** Encodes a write as one text, which crosses threads faster than an object: lengths, then log, ids and rows. */
export function encodeWrite({ seq, log, ids = '', rows }: Write): string {
  return `${seq} ${log.length} ${ids.length}\n${log}${ids}${rows ? JSON.stringify(rows) : ''}`
}

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
  /** `ids` stores the ids of a log row when the row is trimmed */
  readonly statements: { readonly ids: string; readonly [name: string]: string }
  /** FULL: a commit survives power loss. NORMAL: it survives the process only. */
  readonly synchronous: 'FULL' | 'NORMAL'
  /** the epoch of the writer to continue; absent: claims a new one, which fences off earlier writers */
  readonly epoch?: number
}

const LOCK_TIMEOUT_MS = 5_000

/** In place of a statement: writes the file anew after the transaction. */
export const REBUILD = 'rebuild'

/** Checkpoint modes. PASSIVE: as far as readers allow. TRUNCATE: also empties the log if nobody reads it. */
export type WalCheckpointMode = 'PASSIVE' | 'TRUNCATE'

/** Ids longer than this go to their table at once; in the log they would be written twice. */
const LONG = 8_192

/** The only connection that writes. */
export interface Writer {
  readonly epoch: number
  /** Executes one transaction; durable on return. */
  write(write: Write): void
  /** Does nothing after a failed write or after a takeover. */
  copy(how: WalCheckpointMode): void
  /** Empties the log first. */
  close(): void
}

export function openWriter({ path, schema, statements, synchronous, epoch }: WriterOptions): Writer {
  // wait for the other writer during a takeover
  const database = new Libsql(path, { timeout: LOCK_TIMEOUT_MS })
  database.exec('pragma journal_mode=WAL')
  database.exec(`pragma synchronous=${synchronous}`)
  // an automatic checkpoint could coincide with the one in the other thread, see wal-checkpointer.ts
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
  const noteRebuilt = database.prepare(`insert or replace into meta values('rebuilt', ?, ?)`)
  // counts as failed until a write succeeds
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
      for (const [name, values] of rows) if (name !== REBUILD) prepared.get(name)!(values)
      commit.run([])
      if (rows.some(([name]) => name === REBUILD)) rebuild(seq)
    } finally {
      // a failed writer must not keep the file locked
      if (database.inTransaction) database.exec('rollback')
    }
  }

  /**
   * Writes the file anew, without the bytes of deleted rows, and empties the log. If that fails, the file is as before,
   * and `rebuilt` in `meta` does not advance.
   */
  function rebuild(seq: number): void {
    try {
      database.exec('pragma secure_delete=on')
      database.exec('vacuum')
      const { busy } = database.prepare('pragma wal_checkpoint(TRUNCATE)').get([]) as { readonly busy: number }
      if (busy === 0) noteRebuilt.run([seq, rowChecksum([seq])])
    } catch {
      // a full disk or a busy reader: the caller reads `rebuilt`, and tries again
    } finally {
      database.exec('pragma secure_delete=off')
    }
  }

  function copy(how: WalCheckpointMode): void {
    if (failed) return
    try {
      if (!fence.isNewest()) return
      // does not wait for readers: the log keeps the rest
      database.exec('pragma busy_timeout=0')
      database.exec(`pragma wal_checkpoint(${how})`)
      database.exec(`pragma busy_timeout=${LOCK_TIMEOUT_MS}`)
    } catch {
      // the log keeps the data; if the disk is broken, the next write fails
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
        // a damaged row does not match its index; a new index allows to overwrite it
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

export type WriterThreadData = WriterOptions & { readonly opens: 'at once' | 'at the first write' }

function serve({ opens, ...options }: WriterThreadData): void {
  const port = parentPort!
  let writer = opens === 'at once' ? callUnbroken(() => openWriter(options)) : undefined
  port.on('message', (message: string | null | { readonly copy: WalCheckpointMode }) => {
    if (message === null) {
      if (writer) callUnbroken(writer.close)
      port.close()
      return
    }
    if (typeof message === 'object') {
      callUnbroken(() => writer?.copy(message.copy))
      return
    }
    port.postMessage(
      tryTo(() =>
        callUnbroken(() => {
          writer ??= openWriter(options)
          const from = performance.now()
          const write = decodeWrite(message)
          writer.write(write)
          return { written: write.seq, took: performance.now() - from }
        }),
      ),
    )
  })
  port.postMessage('ready')
}

/** Messages of the thread: number and ms of a durable write, or why a write failed. */
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
