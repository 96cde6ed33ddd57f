import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Write } from '../../../src/store/database/database.ts'
import { openDatabase } from '../../../src/store/database/open.ts'

const SCHEMA = {
  format: 7,
  sql: `create table meta(name text primary key, value any, sum integer);
   create table log(seq integer primary key, data text not null, ids text, sum integer not null, ids_sum integer);
   create table idempotency(seq integer primary key, ids text not null)`,
}
const STATEMENTS = {
  note: 'insert into meta values(?, ?, 0)',
  renew: 'insert into meta values(?, ?, 0) on conflict(name) do update set value=excluded.value',
  ids: 'insert into idempotency values(?, ?)',
  noteSynchronous: `insert into meta select 'synchronous', synchronous, 0 from pragma_synchronous`,
  noteJournal: `insert into meta select 'journal', journal_mode, 0 from pragma_journal_mode`,
}

let path: string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-writer-'))
  path = join(folder, 'engine.db')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

type How = { readonly writer: 'main' | 'thread'; readonly synchronous?: 'FULL' | 'NORMAL' }

/** Gives it these writes, one when the one before has ended, and says what was told of each. */
async function writeAll({ writer, synchronous = 'FULL' }: How, writes: readonly Write[], onTold = () => {}) {
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous, writer })
  const told: (number | string)[] = []
  let heard = () => {}
  const tell = (what: number | string) => {
    told.push(what)
    onTold()
    heard()
  }
  database.onWritten(tell)
  database.onFailed(({ message }) => tell(message))
  for (const write of writes) {
    const { promise, resolve } = Promise.withResolvers<void>()
    heard = resolve
    database.write(write)
    await promise
  }
  await database.close()
  return told
}

function read<Row>(sql: string): readonly Row[] {
  const database = new Libsql(path)
  try {
    return database.prepare(sql).all([]) as Row[]
  } finally {
    database.close()
  }
}

const seqs = () => read<{ seq: number }>('select seq from log order by seq').map(({ seq }) => seq)
const meta = () =>
  new Map(read<{ name: string; value: unknown }>('select * from meta').map((row) => [row.name, row.value]))

describe.each(['main', 'thread'] as const)('a writer in its %s', (writer) => {
  test.each([
    ['FULL', 2],
    ['NORMAL', 1],
  ] as const)('makes its commits as durable as is asked: %s', async (synchronous, level) => {
    const rows = [['noteSynchronous', [[]]] as const, ['noteJournal', [[]]] as const]
    await writeAll({ writer, synchronous }, [{ seq: 1, log: '{}', rows }])
    expect([meta().get('synchronous'), meta().get('journal')]).toEqual([level, 'wal'])
  })

  test('tells of a write when any other reader sees it', async () => {
    const seen: (readonly number[])[] = []
    const writes = [
      { seq: 1, log: '{}' },
      { seq: 2, log: '{}', rows: [['note', [['a', 1]]] as const] },
    ]
    const told = await writeAll({ writer }, writes, () => seen.push(seqs()))
    expect(told).toEqual([1, 2])
    expect(seen).toEqual([[1], [1, 2]])
    expect(meta().get('a')).toBe(1)
  })

  test('writes many rows of a statement in their order', async () => {
    const rows = Array.from({ length: 21 }, (_, n) => [`row ${n % 17}`, n] as const)
    expect(await writeAll({ writer }, [{ seq: 1, log: '{}', rows: [['renew', rows]] }])).toEqual([1])
    expect(meta()).toEqual(new Map<string, unknown>([['epoch', 1], ...rows]))
  })

  test('writes all of a write or nothing, and never says that it wrote what failed', async () => {
    const twice = [['note', [['a', 1]]] as const, ['note', [['a', 2]]] as const]
    const writes = [
      { seq: 1, log: '{}' },
      { seq: 2, log: '{}', rows: twice },
    ]
    expect(await writeAll({ writer }, writes)).toEqual([1, expect.stringContaining('UNIQUE')])
    expect(seqs()).toEqual([1])
    expect(meta().has('a')).toBe(false)
  })
})

test.each([
  [6, 'an older release', 'Finish the runs'],
  [8, 'a newer release', 'Continue with the release'],
])('a file of format %i is refused and stays as it is', async (found, age, hint) => {
  await writeAll({ writer: 'main' }, [])
  const other = new Libsql(path)
  other.exec(`pragma user_version = ${found}`)
  other.close()
  const bytes = readFileSync(path)
  await expect(writeAll({ writer: 'main' }, [])).rejects.toMatchObject({
    name: 'InvalidError',
    message: `the database was written by ${age} of antiphon: expected format 7, found ${found}.`,
    hint: expect.stringContaining(hint),
  })
  expect(readFileSync(path)).toEqual(bytes)
})
