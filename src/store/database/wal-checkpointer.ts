import type Database from 'libsql/promise'
import type { Write } from './database.ts'
import type { WalCheckpointMode } from './writer.ts'

/**
 * Copies SQLite's write-ahead log into the file, so that it stays short. Another thread copies most of it, and the connection
 * that writes copies the rest between two writes. SQLite 3.45.1 can lose pages when a copy begins in another thread while the log
 * is wholly copied and a commit begins the log anew. So that thread makes one pass at a time, only over a log that a write
 * has made longer since the last copy, and only the connection that writes ends a copy.
 */
export interface WalCheckpointer {
  /** To be called before each write, while no write is in flight. */
  beforeWrite(): void
  /** To be called when that write is on disk. */
  wrote(write: Write): void
  /** Resolves when the other thread copies nothing; it does not begin again. */
  close(): Promise<void>
}

/** `most`: estimated pages after which the log is copied. `idle`: ms without a write after which it is emptied. */
export type WalCheckpointerOptions = { readonly most?: number; readonly idle?: number }

/** Pages of 4 KiB. */
const MAX_WAL_PAGES = 3_000
const IDLE_CHECKPOINT_MS = 1_000
const PAGE_BYTES = 4_096
/** A write changes pages beside those of its text: of the table's tree, and of what became free. */
const PAGES_PER_WRITE = 3

/** `copy` copies through the connection that writes. */
export function createWalCheckpointer(
  path: string,
  copy: (how: WalCheckpointMode) => void,
  { most = MAX_WAL_PAGES, idle = IDLE_CHECKPOINT_MS }: WalCheckpointerOptions = {},
): WalCheckpointer {
  let pages = 0
  let writes = 0
  let isWriting = false
  // the other thread has made its pass, and the rest is still to be copied
  let isDue = false
  let passing: Promise<void> | undefined
  let database: Database | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function pass(): Promise<void> {
    database ??= await open(path)
    await database.exec('pragma wal_checkpoint(PASSIVE)')
  }

  function begin(): Promise<void> {
    const ended = () => {
      passing = undefined
      isDue = true
    }
    // if the pass fails, the connection that writes copies everything
    passing = pass().then(ended, ended)
    return passing
  }

  function watch(): void {
    if (timer || closed) return
    const before = writes
    timer = setTimeout(() => void rest(before), idle)
    timer.unref()
  }

  async function rest(before: number): Promise<void> {
    const isIdle = () => writes === before && !isWriting
    if (isIdle() && !isDue) await (passing ?? begin())
    timer = undefined
    if (closed) return
    if (isIdle()) finish('TRUNCATE')
    else watch()
  }

  function finish(how: WalCheckpointMode): void {
    isDue = false
    pages = 0
    copy(how)
  }

  // what an earlier process left is copied, too
  watch()
  return {
    beforeWrite() {
      if (isDue) finish('PASSIVE')
      isWriting = true
    },
    wrote(write) {
      isWriting = false
      writes++
      pages += pagesOf(write)
      watch()
      if (pages >= most && !isDue && !passing && !closed) void begin()
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await passing
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
  return PAGES_PER_WRITE + changed + (log.length + (ids?.length ?? 0)) / PAGE_BYTES
}
