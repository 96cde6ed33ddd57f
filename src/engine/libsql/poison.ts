import { poisonCommit } from '../../kernel/dead-letter.ts'
import { nameOf } from '../../kernel/ref.ts'
import { type Bytes, bytesOf, checkedTexts } from '../../store/database/checked-row.ts'
import type { Database, Rows } from '../../store/database/database.ts'
import type { Clock } from '../engine.ts'
import { type BootRecord, createPoisonGuard, type PoisonGuard, poisonProblem } from '../poison.ts'
import type { QueuedMessage } from './activation/activation.ts'
import type { CommitApplier } from './apply-commit.ts'
import type { Committer } from './log/committer.ts'
import type { Router } from './router.ts'
import type { LibsqlScheduler } from './scheduler.ts'

type Options = {
  readonly database: Database
  readonly committer: Committer
  readonly scheduler: LibsqlScheduler
  readonly router: Router
  readonly applier: CommitApplier
  readonly clock: Clock
  readonly probation: number
  readonly pending: ReadonlyMap<string, QueuedMessage>
}

/** The poison guard whose record is a row of the table `boot`. */
export function libsqlPoisonGuard({
  database,
  committer,
  scheduler,
  router,
  applier,
  clock,
  probation,
  pending,
}: Options): PoisonGuard<QueuedMessage> {
  const { hold, admit, release } = scheduler
  const save = (record: BootRecord | undefined) => {
    const { batch } = committer
    batch.rows.push(record ? (['boot', [[JSON.stringify(record)]]] satisfies Rows) : DROP_RECORD)
    committer.touch()
    return committer.whenDurable(batch.seq)
  }
  const giveUp = (message: QueuedMessage, crashes: number) => {
    if (!router.remove(message)) return
    const activation = scheduler.activation(nameOf(message.envelope.to))
    applier.record(activation, message, poisonCommit(activation.cell, message.envelope, poisonProblem(crashes)))
  }
  const recorded = (id: string) => pending.get(id)?.outcomes?.size ?? 0
  const ports = { clock, probation, save, recorded, hold, admit, release, deliver: router.release, giveUp }
  return createPoisonGuard(ports, readRecord(database), (id) => pending.has(id))
}

const DROP_RECORD: Rows = ['dropBoot', [[]]]

function readRecord(database: Database): BootRecord | undefined {
  const row = database.first<{ row: Bytes; sum: number }>(`select ${bytesOf('record')} row, sum from boot`)
  // without the record, no message counts as poison
  const [record] = (row && checkedTexts(row.row, row.sum)) ?? []
  return record === undefined ? undefined : JSON.parse(record)
}
