import type Libsql from 'libsql'
import { TerminalError } from '../../errors.ts'
import { logChecksum, rowChecksum } from './checked-row.ts'

/** Appends log rows until another writer opens the file. */
interface Fence {
  readonly epoch: number
  /** @throws an error of code `fenced`, without writing, if another writer has taken over the file */
  append(seq: number, log: string, ids: string | null): void
  /** Whether no other writer has opened the file since. */
  isNewest(): boolean
}

/** Claims the file with a new epoch, which fences off earlier writers. A given epoch continues that writer. */
export function openFence(database: Libsql.Database, epoch = claimEpoch(database)): Fence {
  const insert = database.prepare(
    `insert into log(seq, data, ids, sum, ids_sum)
     select ?, ?, ?, ?, ? where (select value from meta where name = 'epoch') = ?`,
  )
  const current = database.prepare(`select value from meta where name = 'epoch'`)
  return {
    epoch,
    isNewest: () => (current.get([]) as Epoch).value === epoch,
    append(seq, log, ids) {
      const sums = [logChecksum(log, ids, seq), ids === null ? 0 : rowChecksum([seq, ids])]
      if (insert.run([seq, log, ids, ...sums, epoch]).changes === 0) throw fenced(epoch)
    },
  }
}

type Epoch = { readonly value: number }

function claimEpoch(database: Libsql.Database): number {
  database.exec('begin immediate')
  try {
    const last = database.prepare(`select value from meta where name = 'epoch'`).get([]) as Epoch | undefined
    const epoch = (last?.value ?? 0) + 1
    database.prepare(`insert or replace into meta values('epoch', ?, ?)`).run([epoch, rowChecksum([epoch])])
    database.exec('commit')
    return epoch
  } finally {
    if (database.inTransaction) database.exec('rollback')
  }
}

function fenced(epoch: number): TerminalError {
  return new TerminalError(
    `Another process has taken the data folder over: this one is writer ${epoch} of it and no longer the last.`,
    { code: 'fenced' },
  )
}
