import type Libsql from 'libsql'
import { TerminalError } from '../../errors.ts'
import { logChecksum, rowChecksum } from './checked-row.ts'

/** Appends rows to the log as long as nobody has opened the file for writing since. */
export interface Fence {
  readonly epoch: number
  /** Throws an error of code `fenced` when another writer has taken the file over: nothing was written then. */
  append(seq: number, log: string, ids: string | null): void
  /** Whether nobody has opened the file for writing since. */
  isNewest(): boolean
}

/** Makes this connection the file's one writer by a new epoch: from now on earlier ones are refused. Given one it goes on under that. */
export function openFence(database: Libsql.Database, epoch = claimEpoch(database)): Fence {
  const insert = database.prepare(
    `insert into log(seq, data, ids, sum, ids_sum)
     select ?, ?, ?, ?, ? where (select value from meta where name = 'epoch') = ?`,
  )
  const current = database.prepare(`select value from meta where name = 'epoch'`)
  return {
    epoch,
    isNewest: () => (current.get([]) as { value: number }).value === epoch,
    append(seq, log, ids) {
      const sums = [logChecksum(log, ids, seq), ids === null ? 0 : rowChecksum([seq, ids])]
      if (insert.run([seq, log, ids, ...sums, epoch]).changes === 0) throw fenced(epoch)
    },
  }
}

function claimEpoch(database: Libsql.Database): number {
  const claim = `insert into meta(name, value) values('epoch', 1) on conflict(name) do update set value = value + 1 returning value`
  return (database.prepare(claim).get([]) as { value: number }).value
}

function fenced(epoch: number): TerminalError {
  return new TerminalError(
    `another process has taken the data folder over: this one is writer ${epoch} of it and no longer the last`,
    { code: 'fenced' },
  )
}
