import Libsql from 'libsql'
import { CancelledError, type TerminalError } from '../../errors.ts'
import { createPrivateFile } from '../files/private.ts'
import { isWalEmpty, verifyWalOf } from '../wal/read.ts'
import type { Database, Value } from './database.ts'
import { openFlushMarker } from './flush-marker.ts'
import { checkAcceptableLoss, findLostWrites, removeFlushMarker, setLogAside } from './lost-writes.ts'
import type { WriterOptions } from './writer.ts'
import type { CheckpointableWriter } from './writer-thread.ts'
import { openAdaptiveWriter, openMainThreadWriter, openThreadWriter, withWalCheckpoints } from './writer-thread.ts'

export type DatabaseOptions = WriterOptions & {
  /**
   * main: in this thread, lowest latency · thread: in a separate thread, never blocks this one ·
   * absent: adaptive, here while the disk is fast
   */
  readonly writer?: 'thread' | 'main'
  /** opens a file with lost writes and forgets them; the damaged log is kept beside it */
  readonly acceptLoss?: boolean
  /** called if such a file was opened, because of `acceptLoss` or `synchronous: NORMAL` */
  readonly onLoss?: (loss: TerminalError) => void
}

/**
 * Opens or creates the file.
 * @throws an error of code `corrupt` if acknowledged work is lost, unless that is accepted or
 * `synchronous` is NORMAL
 */
export async function openDatabase({ acceptLoss = false, onLoss, ...options }: DatabaseOptions): Promise<Database> {
  const { path, synchronous } = options
  createPrivateFile(path)
  // before SQLite opens it
  const log = verifyWalOf(path)
  const loss = findLostWrites(path, log)
  if (loss && !acceptLoss && synchronous === 'FULL') throw loss
  if (loss) checkAcceptableLoss(loss, path)
  if (acceptLoss && log.end === 'damaged') setLogAside(path)
  const place = await openPlace(options)
  // frames after the logical end would later look like damage
  if (log.end !== 'clean') place.copy('TRUNCATE')
  if (loss) removeFlushMarker(path)
  if (loss) onLoss?.(loss)
  return over(new Libsql(path), place, options)
}

function over(reader: Libsql.Database, place: CheckpointableWriter, { path, synchronous }: WriterOptions): Database {
  const writer = withWalCheckpoints(place, path)
  const flushed = openFlushMarker(path)
  const statements = new Map<string, Libsql.Statement>()
  let last: number | undefined
  let written = (_seq: number) => {}
  let isOpen = true
  let closed: Promise<void> | undefined
  const prepare = (sql: string) => {
    if (!isOpen)
      throw new CancelledError('The data folder was released and can no longer be read.', { code: 'stopped' })
    const statement = statements.get(sql) ?? reader.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const close = async () => {
    await writer.close()
    // an unsynced commit is on disk only after a checkpoint
    await flushed.close(synchronous === 'FULL' || isWalEmpty(path) ? last : undefined)
    isOpen = false
    reader.close()
  }
  writer.onWritten((seq) => {
    last = seq
    if (synchronous === 'FULL') flushed.note(seq)
    written(seq)
  })
  return {
    write: writer.write,
    onWritten: (listener) => (written = listener),
    onFailed: writer.onFailed,
    all: <Row>(sql: string, parameters: readonly Value[] = []) => prepare(sql).all([...parameters]) as Row[],
    first: <Row>(sql: string, parameters: readonly Value[] = []) =>
      prepare(sql).get([...parameters]) as Row | undefined,
    close() {
      closed ??= close()
      return closed
    },
  }
}

function openPlace({ writer, ...options }: DatabaseOptions): CheckpointableWriter | Promise<CheckpointableWriter> {
  if (writer === 'main') return openMainThreadWriter(options)
  return writer === 'thread' ? openThreadWriter(options) : openAdaptiveWriter(options)
}
