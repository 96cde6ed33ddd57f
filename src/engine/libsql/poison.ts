import { deadLetterCommit } from '../../kernel/commit.ts'
import { nameOf } from '../../kernel/ref.ts'
import { type Bytes, bytesOf, checkedTexts } from '../../store/database/checked-row.ts'
import type { Database, Rows } from '../../store/database/database.ts'
import type { Clock } from '../engine.ts'
import { type BootRecord, createPoisonGuard, type PoisonGuard, poisonProblem } from '../poison.ts'
import type { Letter } from './activation/activation.ts'
import type { Recorder } from './apply-commit.ts'
import type { Committer } from './log/committer.ts'
import type { Inbox } from './router.ts'
import type { Dispatcher } from './scheduler.ts'

type Options = {
  readonly database: Database
  readonly committer: Committer
  readonly dispatcher: Dispatcher
  readonly inbox: Inbox
  readonly recorder: Recorder
  readonly clock: Clock
  readonly probation: number
  readonly pending: ReadonlyMap<string, Letter>
}

/** Trials whose record is a row of the table `boot`. */
export function libsqlTrials({
  database,
  committer,
  dispatcher,
  inbox,
  recorder,
  clock,
  probation,
  pending,
}: Options): PoisonGuard<Letter> {
  const { hold, admit, release } = dispatcher
  const save = (record: BootRecord | undefined) => {
    const { batch } = committer
    batch.rows.push(record ? (['boot', [[JSON.stringify(record)]]] satisfies Rows) : DROP)
    committer.touch()
    return committer.whenDurable(batch.seq)
  }
  const giveUp = (letter: Letter, crashes: number) => {
    if (!inbox.remove(letter)) return
    const resident = dispatcher.resident(nameOf(letter.envelope.to))
    recorder.record(resident, letter, deadLetterCommit(resident.cell, letter.envelope, poisonProblem(crashes)))
  }
  const ports = { clock, probation, save, hold, admit, release, deliver: inbox.letGo, giveUp }
  return createPoisonGuard(ports, readRecord(database), (id) => pending.has(id))
}

const DROP: Rows = ['dropBoot', [[]]]

function readRecord(database: Database): BootRecord | undefined {
  const row = database.first<{ row: Bytes; sum: number }>(`select ${bytesOf('record')} row, sum from boot`)
  // without it no message counts as one that kills processes
  const [record] = (row && checkedTexts(row.row, row.sum)) ?? []
  return record === undefined ? undefined : JSON.parse(record)
}
