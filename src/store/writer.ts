import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import Libsql from 'libsql'
import { problemOf } from '../errors.ts'
import { copyAhead } from './ahead.ts'
import type { Write } from './database.ts'
import { openFence } from './fence.ts'
import { unframe } from './frame.ts'
import { migrate } from './migrations.ts'
import { preparePut } from './put-rows.ts'

export type WriterOptions = {
  readonly path: string
  /** What each version of the schema adds, oldest first. */
  readonly schema: readonly string[]
  /** `ids` puts those of a row of the log where they are kept when it is trimmed. */
  readonly statements: { readonly ids: string; readonly [name: string]: string }
  /** FULL: a commit survives power loss. NORMAL: it survives the process only. */
  readonly synchronous: 'FULL' | 'NORMAL'
  /** that of the writer this one goes on for; absent: it claims one of its own, and earlier writers are refused */
  readonly epoch?: number
}

const PATIENCE = 5_000

/** Pages of 4 KiB that the write-ahead log may have before they are copied into the file: copied less often, they are fewer. */
const WRITTEN_AHEAD = 4_000

/** Ids of so many characters go at once where they are kept: in the log they would be written once more when it is trimmed. */
const LONG = 8_192

/** The one connection that writes; each write is one transaction, durable on return. */
export function openWriter({ path, schema, statements, synchronous, epoch }: WriterOptions): {
  readonly epoch: number
  write(write: Write): void
  close(): Promise<void>
} {
  // a writer that was taken over, or one that takes over, is waited for
  const database = new Libsql(path, { timeout: PATIENCE })
  database.exec('pragma journal_mode=WAL')
  database.exec(`pragma synchronous=${synchronous}`)
  database.exec(`pragma wal_autocheckpoint=${WRITTEN_AHEAD}`)
  migrate(database, schema)
  const fence = openFence(database, epoch)
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  const copy = database.prepare('pragma wal_checkpoint(PASSIVE)')
  const ahead = copyAhead(path, () => void copy.all([]))
  const prepared = new Map(Object.entries(statements).map(([name, sql]) => [name, preparePut(database, sql)]))
  return {
    epoch: fence.epoch,
    write(write) {
      const { seq, log: data, ids = null, rows = [] } = write
      ahead.add(write)
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
    },
    async close() {
      await ahead.close()
      database.close()
    },
  }
}

if (!isMainThread && workerData?.statements) serve(workerData as ThreadData)

/** What the thread is started with. */
export type ThreadData = WriterOptions & { readonly opens: 'at once' | 'at the first write' }

function serve({ opens, ...options }: ThreadData): void {
  const port = parentPort!
  let writer = opens === 'at once' ? openWriter(options) : undefined
  port.on('message', (message: string | null) => {
    if (message === null) {
      void close()
      return
    }
    port.postMessage(
      tryTo(() => {
        writer ??= openWriter(options)
        const from = performance.now()
        const write = unframe(message)
        writer.write(write)
        return { written: write.seq, took: performance.now() - from }
      }),
    )
  })
  port.postMessage('ready')

  async function close(): Promise<void> {
    await writer?.close()
    port.close()
  }
}

/** What the thread says: the number of a write that is durable and the ms it took, or why one failed. */
export type Told =
  | { readonly written: number; readonly took: number }
  | { readonly failed: string; readonly code: string }

function tryTo(write: () => Told): Told {
  try {
    return write()
  } catch (error) {
    return { failed: (error as Error).message, code: problemOf(error).code }
  }
}
