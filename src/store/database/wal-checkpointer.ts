import type Database from 'libsql/promise'
import type { Write } from './database.ts'
import type { WalCheckpointMode } from './writer.ts'

/**
 * Keeps SQLite's write-ahead log short by checkpoints. A second thread copies most of it; the
 * writing connection copies the rest between two writes.
 * SQLite 3.45.1 can lose pages if a checkpoint starts in another thread while the log is completely
 * copied and a commit restarts it. So the thread makes one pass at a time, only after a write has
 * extended the log, and only the writing connection completes a checkpoint.
 */
interface WalCheckpointer {
  /** Call before each write, while no write is in flight. */
  beforeWrite(): void
  /** Call when that write is on disk. */
  wrote(write: Write): void
  /** Resolves when the other thread is idle; it does not start again. */
  close(): Promise<void>
}

/** `most`: estimated pages that trigger a checkpoint. `idle`: ms without a write that empty the log. */
type WalCheckpointerOptions = { readonly most?: number; readonly idle?: number }

/** Pages of 4 KiB. */
const MAX_WAL_PAGES = 3_000
const IDLE_CHECKPOINT_MS = 1_000
const PAGE_BYTES = 4_096
/** Pages that a write changes besides its text: the tree of the table, and the free list. */
const PAGES_PER_WRITE = 3

/** `copy` checkpoints through the writing connection. */
export function createWalCheckpointer(
  path: string,
  copy: (how: WalCheckpointMode) => void,
  { most = MAX_WAL_PAGES, idle = IDLE_CHECKPOINT_MS }: WalCheckpointerOptions = {},
): WalCheckpointer {
  let pages = 0
  let writes = 0
  let isWriting = false
  // the other thread has finished its pass, and the rest is due
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
    // if the pass fails, the writing connection copies everything
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

  // an earlier process may have left a log
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
