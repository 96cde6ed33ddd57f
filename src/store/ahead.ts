import type Database from 'libsql/promise'
import type { Write } from './database.ts'

/** Copies SQLite's write-ahead log into the file, in another thread: the writer's own checkpoint, which everything waits for, finds little left. */
export interface Ahead {
  /** This was written: it may be time. */
  add(write: Write): void
  /** Resolves when no copy is under way; none is begun any more. */
  close(): Promise<void>
}

/** Pages of 4 KiB, as they are reckoned here, after which the log is copied. */
const MOST = 3_000
const PAGE = 4_096
/** A write changes pages beside those of its text: of the table's tree, and of what became free. */
const OWN = 3
/** Once more for what is written during the first, so that next to nothing is left. */
const PASSES = 2

/** `finish` is called after each copy, between two writes: it copies what was written meanwhile, so that the log begins anew. */
export function copyAhead(path: string, finish: () => void, most = MOST): Ahead {
  let pages = 0
  let copying: Promise<void> | undefined
  let database: Database | undefined
  let closed = false

  async function copy(): Promise<void> {
    database ??= await open(path)
    for (let pass = 0; pass < PASSES; pass++) await database.exec('pragma wal_checkpoint(PASSIVE)')
    pages = 0
    finish()
  }

  return {
    add(write) {
      pages += pagesOf(write)
      if (pages < most || copying || closed) return
      copying = copy().then(
        () => void (copying = undefined),
        // what keeps this from being copied keeps the writer from it, too: it is the one to fail, at its next write
        () => void (closed = true),
      )
    },
    async close() {
      closed = true
      await copying
      database?.close()
    },
  }
}

async function open(path: string): Promise<Database> {
  const { default: Libsql } = await import('libsql/promise')
  return new Libsql(path, {})
}

function pagesOf({ log, ids, rows = [] }: Write): number {
  const changed = rows.reduce((sum, [, values]) => sum + values.length, 0)
  return OWN + changed + (log.length + (ids?.length ?? 0)) / PAGE
}
