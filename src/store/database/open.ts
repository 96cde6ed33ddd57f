import Libsql from 'libsql'
import { CancelledError, type TerminalError } from '../../errors.ts'
import { createPrivateFile } from '../files/private.ts'
import { isWalEmpty, verifyWalOf } from '../wal/read.ts'
import type { Database, Value } from './database.ts'
import { openFlushMarker } from './flush-marker.ts'
import { checkAcceptableLoss, findLostWrites, removeFlushMarker, setLogAside } from './lost-writes.ts'
import type { WriterOptions } from './writer.ts'
import {
  type CheckpointableWriter,
  openAdaptiveWriter,
  openMainThreadWriter,
  openThreadWriter,
  withWalCheckpoints,
} from './writer-thread.ts'

export type DatabaseOptions = WriterOptions & {
  /** main: in this thread, the shortest way · thread: in one of its own, which never blocks this one · absent: here as long as the disk is quick */
  readonly writer?: 'thread' | 'main'
  /** Opens a file of which acknowledged work is lost, and forgets what is missing; a damaged log is kept beside it. */
  readonly acceptLoss?: boolean
  /** Told what is missing when such a file was opened: by `acceptLoss`, or because `synchronous` is NORMAL. */
  readonly onLoss?: (loss: TerminalError) => void
}

/**
 * Opens the file, and creates it where there is none. An error of code `corrupt` says what is missing when acknowledged work is lost,
 * unless that is accepted, or `synchronous` is NORMAL.
 */
export async function openDatabase({ acceptLoss = false, onLoss, ...options }: DatabaseOptions): Promise<Database> {
  const { path, synchronous } = options
  createPrivateFile(path)
  // before SQLite reads it
  const log = verifyWalOf(path)
  const loss = findLostWrites(path, log)
  if (loss && !acceptLoss && synchronous === 'FULL') throw loss
  if (loss) checkAcceptableLoss(loss, path)
  if (acceptLoss && log.end === 'damaged') setLogAside(path)
  const place = await openPlace(options)
  // frames behind the end would look like damage when the log has grown up to them
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
    if (!isOpen) throw new CancelledError('the data folder was given up, and is no longer read', { code: 'stopped' })
    const statement = statements.get(sql) ?? reader.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const close = async () => {
    await writer.close()
    // a commit that is not synced is on disk when it was copied from the log
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
